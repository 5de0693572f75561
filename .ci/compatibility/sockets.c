// Usage: sockets serve NAME:TRANSPORT:PORT...
//        sockets ask UID TRANSPORT ADDRESS PORT
//
// The sockets of the eBPF test, for a system without an interpreter. `serve` listens on each port, for both families, and
// answers a connection with its name and the original destination (SO_ORIGINAL_DST), a datagram with its name. It prints
// a line when all listen. `ask` prints such an answer and the peer that the socket sees, or the error.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ORIGINAL_DESTINATION 80
#define LISTENERS 16
#define TEXT 256

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

struct listener {
    const char *name;
    bool is_stream;
};

static void fail(const char *step)
{
    printf("error: %s: %s\n", step, strerror(errno));
    exit(1);
}

static union address parsed(const char *text, const char *port)
{
    union address address = {};
    if (inet_pton(AF_INET, text, &address.ipv4.sin_addr) == 1) {
        address.any.sa_family = AF_INET;
        address.ipv4.sin_port = htons(atoi(port));
    } else if (inet_pton(AF_INET6, text, &address.ipv6.sin6_addr) == 1) {
        address.any.sa_family = AF_INET6;
        address.ipv6.sin6_port = htons(atoi(port));
    } else {
        errno = EINVAL;
        fail(text);
    }
    return address;
}

static socklen_t length(const union address *address)
{
    return address->any.sa_family == AF_INET ? sizeof(address->ipv4) : sizeof(address->ipv6);
}

// ADDRESS,PORT of an address.
static const char *words(const union address *address)
{
    static char text[TEXT];
    char host[INET6_ADDRSTRLEN];
    bool is_ipv4 = address->any.sa_family == AF_INET;
    const void *bytes = is_ipv4 ? (const void *)&address->ipv4.sin_addr : &address->ipv6.sin6_addr;
    inet_ntop(address->any.sa_family, bytes, host, sizeof(host));
    snprintf(text, sizeof(text), "%s,%d", host, ntohs(is_ipv4 ? address->ipv4.sin_port : address->ipv6.sin6_port));
    return text;
}

static const char *original_destination(int connection)
{
    union address address = {};
    socklen_t size = sizeof(address.ipv4);
    if (!getsockopt(connection, IPPROTO_IP, ORIGINAL_DESTINATION, &address.ipv4, &size))
        return words(&address);
    size = sizeof(address.ipv6);
    if (!getsockopt(connection, IPPROTO_IPV6, ORIGINAL_DESTINATION, &address.ipv6, &size))
        return words(&address);
    return "none";
}

static int listening(const char *host, const char *port, bool is_stream)
{
    union address address = parsed(host, port);
    int one = 1, socket_ = socket(address.any.sa_family, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (socket_ < 0)
        fail("socket");
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (address.any.sa_family == AF_INET6)
        setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(socket_, &address.any, length(&address)))
        fail("bind");
    if (is_stream && listen(socket_, 64))
        fail("listen");
    return socket_;
}

static void answer(int socket_, const struct listener *listener)
{
    char text[TEXT];
    union address client = {};
    socklen_t size = sizeof(client);
    if (!listener->is_stream) {
        if (recvfrom(socket_, text, sizeof(text), 0, &client.any, &size) >= 0)
            sendto(socket_, listener->name, strlen(listener->name), 0, &client.any, size);
        return;
    }
    int connection = accept(socket_, NULL, NULL);
    if (connection < 0)
        return;
    int count = snprintf(text, sizeof(text), "%s %s", listener->name, original_destination(connection));
    send(connection, text, count, MSG_NOSIGNAL);
    close(connection);
}

static void serve(char *words[], int count)
{
    struct pollfd sockets[LISTENERS];
    struct listener listeners[LISTENERS];
    int used = 0;
    for (int index = 0; index < count; index++) {
        char *name = strtok(words[index], ":"), *transport = strtok(NULL, ":"), *port = strtok(NULL, ":");
        bool is_stream = transport && !strcmp(transport, "tcp");
        for (int family = 0; port && family < 2 && used < LISTENERS; family++, used++) {
            listeners[used] = (struct listener){name, is_stream};
            sockets[used] = (struct pollfd){.fd = listening(family ? "::" : "0.0.0.0", port, is_stream), .events = POLLIN};
        }
    }
    puts("listening");
    fflush(stdout);
    while (poll(sockets, used, -1) > 0)
        for (int index = 0; index < used; index++)
            if (sockets[index].revents)
                answer(sockets[index].fd, &listeners[index]);
}

static void ask(const char *owner, const char *transport, const char *host, const char *port)
{
    union address address = parsed(host, port), peer = {};
    bool is_stream = !strcmp(transport, "tcp");
    struct timeval limit = {.tv_sec = 5};
    socklen_t size = sizeof(peer);
    char text[TEXT];
    if (setgid(atoi(owner)) || setuid(atoi(owner)))
        fail("setuid");
    int socket_ = socket(address.any.sa_family, is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (socket_ < 0)
        fail("socket");
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    // A datagram is sent by a socket that isn't connected, as most resolvers do.
    if (is_stream ? connect(socket_, &address.any, length(&address))
                  : sendto(socket_, "query", 5, 0, &address.any, length(&address)) < 0)
        fail(is_stream ? "connect" : "sendto");
    ssize_t count = recvfrom(socket_, text, sizeof(text) - 1, 0, &peer.any, &size);
    if (count <= 0)
        fail("receiving");
    text[count] = 0;
    if (is_stream && getpeername(socket_, &peer.any, (size = sizeof(peer), &size)))
        fail("getpeername");
    printf("%s peer %s\n", text, words(&peer));
}

int main(int count, char *arguments[])
{
    if (count > 2 && !strcmp(arguments[1], "serve"))
        serve(arguments + 2, count - 2);
    else if (count == 6 && !strcmp(arguments[1], "ask"))
        ask(arguments[2], arguments[3], arguments[4], arguments[5]);
    else
        return 64;
    return 0;
}
