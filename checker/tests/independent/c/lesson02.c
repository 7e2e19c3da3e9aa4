/* Lesson 2, quit: one poll loop for both roles. The socket is watched in our own turn too, so that
 * a peer that goes away while we wait for the keyboard is noticed at once. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 2: quit - a chat that ends\n"
    "\n"
    "Messages are lines; the two sides take turns and the client speaks first. The word q (or Q)\n"
    "alone on its line ends the chat, from either side; so does the end of stdin.\n"
    "\n"
    "  terminal 1:  lesson02 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson02 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 2 on this program.\n"
    "Chapter: lesson 2 of the course book.\n";

enum { AHEAD = 1 << 20 }; /* so much of a peer that does not wait for its turn is kept */

/* True when the chat is over. */
static int say(int fd, const char *line, size_t n)
{
    char *wire = grow(NULL, n + 1);
    int gone;

    memcpy(wire, line, n);
    wire[n] = '\n';
    gone = send_all(fd, wire, n + 1) < 0;
    free(wire);
    return gone || is_quit(line, n);
}

static void take_turns(int fd, int my_turn, struct lines *typed, struct lines *heard)
{
    for (;;) {
        struct pollfd p[2] = { { 0, POLLIN, 0 }, { fd, POLLIN, 0 } };
        char *line;
        size_t n;

        if (my_turn) {
            if (heard->eof && heard->start == heard->end)
                return;
            if (lines_take(typed, &line, &n)) {
                if (is_blank_line(line, n))
                    continue;
                if (say(fd, line, n))
                    return;
                my_turn = 0;
                continue;
            }
            if (typed->eof) {
                say(fd, "Q", 1);
                return;
            }
        } else {
            if (lines_take(heard, &line, &n)) {
                if (is_quit(line, n))
                    return;
                print_line(line, n);
                my_turn = 1;
                continue;
            }
            if (heard->eof)
                return;
            p[0].fd = -1;
        }
        if (heard->eof || (my_turn && heard->end - heard->start > AHEAD))
            p[1].fd = -1;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            die("poll: %s", strerror(errno));
        if (p[1].revents) {
            lines_fill(heard);
            if (heard->broken && (heard->end == heard->start
                                 || !memchr(heard->buf + heard->start, '\n', heard->end - heard->start)))
                return;
        }
        if (p[0].revents)
            lines_fill(typed);
    }
}

static void chat(int fd, int my_turn)
{
    struct lines typed = { .fd = 0 }, heard = { .fd = fd };

    take_turns(fd, my_turn, &typed, &heard);
    free(typed.buf);
    free(heard.buf);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);
    char peer[ADDR_TEXT];
    int fd;

    if (o.server) {
        int listener = open_server(&o, SOCK_STREAM);
        fd = next_client(listener, peer);
        close(listener);
    } else {
        fd = dial(&o);
    }
    chat(fd, !o.server);
    leave(fd);
    return 0;
}
