/* Lesson 5, framing: a serial server with one buffer that fits the largest frame; a client that
 * sends everything before it reads anything. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 5: framing - sticky packets\n"
    "\n"
    "A frame is a 4-byte big-endian length N (at most 1 MiB) and then N bytes. The server answers\n"
    "each frame with a frame of its text in upper case. The client sends each line as a frame and\n"
    "prints each answer.\n"
    "\n"
    "  terminal 1:  lesson05 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson05 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 5 on this program.\n"
    "Chapter: lesson 5 of the course book.\n";

enum { LIMIT = 1 << 20 };

static char frame[4 + LIMIT]; /* header and payload, so that one send does for both */

static void put_length(uint32_t n)
{
    n = htonl(n);
    memcpy(frame, &n, 4);
}

static uint32_t get_length(void)
{
    uint32_t n;
    memcpy(&n, frame, 4);
    return ntohl(n);
}

static void serve(int fd)
{
    size_t got;

    for (;;) {
        uint32_t n;
        int r = recv_all(fd, frame, 4, &got);

        if (r > 0) {
            n = get_length();
            if (n > LIMIT) {
                print_log("rejected %lu", (unsigned long)n);
                return;
            }
            r = recv_all(fd, frame + 4, n, &got);
            got = 1;
        }
        if (r == 0 && got > 0)
            print_log("truncated");
        if (r <= 0)
            return;
        shout(frame + 4, n);
        r = send_all(fd, frame, 4 + (size_t)n);
        print_log("frame %lu", (unsigned long)n);
        if (r < 0)
            return;
    }
}

static void talk(int fd, const char *addr)
{
    char *line = NULL;
    size_t cap = 0, got;
    ssize_t n;
    int r, sent = 0;

    while (sent == 0 && (n = getline(&line, &cap, stdin)) >= 0) {
        if (n > 0 && line[n - 1] == '\n' && --n > 0 && line[n - 1] == '\r')
            n--;
        if (n > LIMIT)
            die("%s: a line of %zd bytes is too long for a frame", addr, n);
        put_length((uint32_t)n);
        memcpy(frame + 4, line, (size_t)n);
        sent = send_all(fd, frame, 4 + (size_t)n);
    }
    free(line);
    shutdown(fd, SHUT_WR);

    while ((r = recv_all(fd, frame, 4, &got)) > 0) {
        uint32_t length = get_length();
        if (length > LIMIT)
            die("%s: an answer of %lu bytes is over the limit", addr, (unsigned long)length);
        r = recv_all(fd, frame + 4, length, &got);
        if (r <= 0) {
            got = 1;
            break;
        }
        print_line(frame + 4, length);
    }
    if (r < 0 || sent < 0)
        die("%s: the connection broke", addr);
    if (got > 0)
        die("%s: the connection ended inside an answer", addr);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);
    int fd;

    if (o.server) {
        int listener = open_server(&o, SOCK_STREAM);
        for (;;) {
            char peer[ADDR_TEXT];
            fd = next_client(listener, peer);
            print_log("connected %s", peer);
            serve(fd);
            leave(fd);
            print_log("disconnected %s", peer);
        }
    }
    fd = dial(&o);
    talk(fd, o.addr);
    close(fd);
    return 0;
}
