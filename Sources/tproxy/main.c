// The arguments are those of main. Swift's CommandLine looks for them in /proc, and without one that can be
// read it has none: `tproxy apply` would be `tproxy`.
_Noreturn void tproxy_run(int argc, char **argv);

int main(int argc, char **argv) { tproxy_run(argc, argv); }
