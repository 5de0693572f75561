/// Shell commands that start and end a firewalld without systemd.
package enum FirewalldScript {
    static let log = "/run/firewalld.log"
    private static let number = "/run/firewalld.number"

    /// Hides the machine's /run and /etc/firewalld, and starts a bus; `settings` is firewalld.conf.
    ///
    /// Must run in new mount and process namespaces.
    package static func setUp(settings: String) -> String {
        """
        mount -t tmpfs -o mode=755 tmpfs /run
        mount -t tmpfs -o mode=750 tmpfs /etc/firewalld
        mkdir /run/dbus
        cat > /etc/firewalld/firewalld.conf <<'E'
        \(settings)E
        cat > /run/dbus/private.conf <<'E'
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
            "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
            <type>system</type>
            <listen>unix:path=/run/dbus/system_bus_socket</listen>
            <auth>EXTERNAL</auth>
            <policy context="default">
                <allow user="*"/>
                <allow own="*"/>
                <allow send_type="method_call"/>
                <allow send_type="signal"/>
                <allow send_requested_reply="true"/>
                <allow receive_sender="*"/>
            </policy>
        </busconfig>
        E
        ip link set lo up
        dbus-daemon --config-file=/run/dbus/private.conf --nopidfile --fork 2>/dev/null
        """
    }

    /// Starts firewalld and waits until it has loaded its rules, or failed to.
    package static let start = """
        setsid firewalld --nofork --nopid --log-file=\(log) </dev/null >/dev/null 2>&1 &
        echo $! > \(number)
        # 252 is NOT_RUNNING.
        until firewall-cmd --state >/dev/null 2>&1 || [ $? -ne 252 ]; do
            [ -e /proc/$! ] || exit 1
            sleep 0.05
        done
        """

    /// Sends a signal and waits until the process is gone.
    package static func end(_ signal: String) -> String {
        """
        read -r number < \(number)
        kill -\(signal) $number
        while [ -e /proc/$number ]; do sleep 0.02; done
        """
    }
}
