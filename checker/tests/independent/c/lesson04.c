/* Lesson 4, UDP: the client opens a connected socket for each line, so that the kernel keeps
 * strangers and late answers away; its refusals are then ours to swallow. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 4: UDP - datagrams\n"
    "\n"
    "The server prints each datagram and sends it back in upper case. The client numbers its lines,\n"
    "sends each as one datagram `NUMBER TEXT`, and sends it again (five times in all) when no\n"
    "answer comes within 200 ms.\n"
    "\n"
    "  terminal 1:  lesson04 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson04 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 4 on this program.\n"
    "Chapter: lesson 4 of the course book.\n";

enum { TRIES = 5, WAIT_MS = 200, LARGEST = 65536 };

static void serve(int fd)
{
    static char datagram[LARGEST];

    for (;;) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        ssize_t n = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &len);

        if (n < 0) {
            if (errno == EBADF || errno == ENOTSOCK || errno == EINVAL)
                die("recvfrom: %s", strerror(errno));
            continue;
        }
        print_line(datagram, (size_t)n);
        shout(datagram, (size_t)n);
        while (sendto(fd, datagram, (size_t)n, 0, (struct sockaddr *)&from, len) < 0
               && errno == EINTR)
            ;
    }
}

static void post(int fd, const char *datagram, size_t n, const char *addr)
{
    int refusals;

    /* An error of an earlier try may be reported here, in place of sending. */
    for (refusals = 0; refusals < 10; refusals++) {
        if (send(fd, datagram, n, 0) >= 0)
            return;
        if (errno != ECONNREFUSED && errno != EINTR)
            die("cannot send to %s: %s", addr, strerror(errno));
    }
}

/* Wait until the deadline for an answer that begins with the prefix. Its length, or -1. */
static ssize_t wait_answer(int fd, const char *prefix, char *answer, long long deadline)
{
    size_t p = strlen(prefix);

    for (;;) {
        struct pollfd pfd = { fd, POLLIN, 0 };
        long long left = deadline - now_ms();
        ssize_t n;

        if (poll(&pfd, 1, left > 0 ? (int)left : 0) <= 0) {
            if (left <= 0)
                return -1;
            continue;
        }
        n = recv(fd, answer, LARGEST, MSG_DONTWAIT);
        if (n >= (ssize_t)p && memcmp(answer, prefix, p) == 0)
            return n;
        if (left <= 0)
            return -1;
    }
}

static void talk(const struct options *o)
{
    static char answer[LARGEST];
    struct addrinfo *server = resolve(o, SOCK_DGRAM);
    char *line = NULL, *datagram = NULL;
    size_t cap = 0;
    unsigned long in_hand = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, stdin)) >= 0) {
        char prefix[32];
        ssize_t got = -1;
        size_t p;
        int fd, try;

        if (n > 0 && line[n - 1] == '\n' && --n > 0 && line[n - 1] == '\r')
            n--;
        if (is_quit(line, (size_t)n))
            break;
        if (is_blank_line(line, (size_t)n))
            continue;
        p = (size_t)snprintf(prefix, sizeof prefix, "%lu ", ++in_hand);
        datagram = grow(datagram, p + (size_t)n);
        memcpy(datagram, prefix, p);
        memcpy(datagram + p, line, (size_t)n);

        fd = socket(server->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, server->ai_addr, server->ai_addrlen) < 0)
            die("cannot reach %s: %s", o->addr, strerror(errno));
        for (try = 0; try < TRIES && got < 0; try++) {
            post(fd, datagram, p + (size_t)n, o->addr);
            got = wait_answer(fd, prefix, answer, now_ms() + WAIT_MS + 1);
        }
        close(fd);
        if (got < 0)
            die("no answer from %s after %d tries", o->addr, TRIES);
        print_line(answer + p, (size_t)got - p);
    }
    free(line);
    free(datagram);
    freeaddrinfo(server);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);

    if (o.server)
        serve(open_server(&o, SOCK_DGRAM));
    else
        talk(&o);
    return 0;
}
