/* Lesson 3, serial: stdio on both sides (fdopen, getline), one client after another. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 3: serial - one client after another\n"
    "\n"
    "The server serves clients for ever: it prints each line and answers with the line in upper\n"
    "case, until the client says q or goes away. The client sends what you type and prints the\n"
    "answers, one at a time.\n"
    "\n"
    "  terminal 1:  lesson03 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson03 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 3 on this program.\n"
    "Chapter: lesson 3 of the course book.\n";

/* A line without its ending; -1 at the end, and for a half line in front of an error. */
static ssize_t read_line(FILE *in, char **line, size_t *cap)
{
    ssize_t n = getline(line, cap, in);

    if (n < 0)
        return -1;
    if ((*line)[n - 1] != '\n')
        return ferror(in) ? -1 : n;
    n--;
    if (n > 0 && (*line)[n - 1] == '\r')
        n--;
    return n;
}

static int write_line(FILE *out, const char *line, size_t n)
{
    return fwrite(line, 1, n, out) == n && putc('\n', out) != EOF && fflush(out) == 0;
}

static void open_both(int fd, FILE **in, FILE **out)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    *in = fdopen(fd, "r");
    *out = copy < 0 ? NULL : fdopen(copy, "w");
    if (!*in || !*out)
        die("fdopen: %s", strerror(errno));
}

static void close_both(FILE *in, FILE *out)
{
    char trash[4096];
    int i;

    shutdown(fileno(in), SHUT_WR);
    for (i = 0; i < 256 && recv(fileno(in), trash, sizeof trash, MSG_DONTWAIT) > 0; i++)
        ;
    fclose(out);
    fclose(in);
}

static void serve(int listener)
{
    char *line = NULL;
    size_t cap = 0;

    for (;;) {
        char peer[ADDR_TEXT];
        FILE *in, *out;
        ssize_t n;
        int fd = next_client(listener, peer);

        open_both(fd, &in, &out);
        print_log("connected %s", peer);
        while ((n = read_line(in, &line, &cap)) >= 0 && !is_quit(line, (size_t)n)) {
            print_line(line, (size_t)n);
            shout(line, (size_t)n);
            if (!write_line(out, line, (size_t)n))
                break;
        }
        close_both(in, out);
        print_log("disconnected %s", peer);
    }
}

static void talk(int fd)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *in, *out;
    ssize_t n;

    open_both(fd, &in, &out);
    for (;;) {
        n = read_line(stdin, &line, &cap);
        if (n < 0) {
            write_line(out, "Q", 1);
            break;
        }
        if (is_blank_line(line, (size_t)n))
            continue;
        if (!write_line(out, line, (size_t)n) || is_quit(line, (size_t)n))
            break;
        n = read_line(in, &line, &cap);
        if (n < 0 || is_quit(line, (size_t)n))
            break;
        print_line(line, (size_t)n);
    }
    close_both(in, out);
    free(line);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);

    if (o.server)
        serve(open_server(&o, SOCK_STREAM));
    else
        talk(dial(&o));
    return 0;
}
