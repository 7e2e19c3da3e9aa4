/* Lesson 1, hello: plain send and recv, one growing buffer. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 1: hello - send and receive\n"
    "\n"
    "End-of-file ends a message; each direction carries one. The server sends `hello`, shuts down\n"
    "its sending direction, reads to end-of-file and prints what came. The client reads to\n"
    "end-of-file, prints it, and only then sends `byebye`.\n"
    "\n"
    "  terminal 1:  lesson01 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson01 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 1 on this program.\n"
    "Chapter: lesson 1 of the course book.\n";

/* Everything up to end-of-file. False when the connection broke first. */
static int read_message(int fd, char **message, size_t *n)
{
    size_t cap = 0;

    *message = NULL;
    *n = 0;
    for (;;) {
        ssize_t k;
        if (cap - *n < 4096) {
            cap = cap ? 2 * cap : 8192;
            *message = grow(*message, cap);
        }
        k = recv(fd, *message + *n, cap - *n, 0);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k == 0;
        *n += (size_t)k;
    }
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);
    char peer[ADDR_TEXT], *message;
    size_t n;
    int fd;

    if (o.server) {
        int listener = open_server(&o, SOCK_STREAM);
        fd = next_client(listener, peer);
        close(listener);
        if (send_all(fd, "hello", 5) < 0 || shutdown(fd, SHUT_WR) < 0
            || !read_message(fd, &message, &n))
            die("%s: the connection broke: %s", peer, strerror(errno));
        print_line(message, n);
    } else {
        fd = dial(&o);
        if (!read_message(fd, &message, &n))
            die("%s: the connection broke: %s", o.addr, strerror(errno));
        print_line(message, n);
        if (send_all(fd, "byebye", 6) < 0)
            fprintf(stderr, "%s did not wait for our answer\n", o.addr);
    }
    free(message);
    close(fd);
    return 0;
}
