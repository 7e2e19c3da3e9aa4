/* Lesson 7, non-blocking IO: poll, level-triggered, for both roles. */
#include "common.h"

static const char BRIEF[] =
    "Lesson 7: non-blocking IO - many at once, one thread\n"
    "\n"
    "One thread serves any number of clients at once and shouts back at each, line by line. The\n"
    "client reads the keyboard and the socket at the same time.\n"
    "\n"
    "  terminal 1:  lesson07 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  lesson07 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 7 on this program.\n"
    "Chapter: lesson 7 of the course book.\n";

enum {
    LONGEST = 65536,   /* bytes of a line before its newline */
    CHUNK = 65536,     /* one read */
    OWED = 1 << 20,    /* a client that is owed so much is not read from */
    LINGER_MS = 3000,  /* how long we wait for the end-of-file of a client that has quit */
    TYPED = 1 << 18    /* the client reads stdin so far ahead of its server */
};

/* ---- a queue of bytes ------------------------------------------------- */

struct queue {
    char *buf;
    size_t start, end, cap;
};

static size_t length(const struct queue *q)
{
    return q->end - q->start;
}

/* Room for n more bytes at the end. */
static char *room(struct queue *q, size_t n)
{
    if (q->cap - q->end < n && q->start > 0) {
        memmove(q->buf, q->buf + q->start, length(q));
        q->end -= q->start;
        q->start = 0;
    }
    if (q->cap - q->end < n) {
        q->cap = 2 * q->cap > q->end + n ? 2 * q->cap : q->end + n;
        q->buf = grow(q->buf, q->cap);
    }
    return q->buf + q->end;
}

static void append_line(struct queue *q, const char *p, size_t n)
{
    char *to = room(q, n + 1);
    memcpy(to, p, n);
    to[n] = '\n';
    q->end += n + 1;
}

static void forget(struct queue *q, size_t n)
{
    q->start += n;
    if (q->start == q->end)
        q->start = q->end = 0;
}

/* Send what the socket takes. False when the connection is broken. */
static int flush_queue(struct queue *q, int fd)
{
    while (length(q) > 0) {
        ssize_t n = send(fd, q->buf + q->start, length(q), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        forget(q, (size_t)n);
    }
    return 1;
}

/* ---- server ----------------------------------------------------------- */

struct client {
    int fd;
    struct queue in, out;
    int peer_eof;     /* nothing more will come */
    int finished;     /* nothing more is answered */
    long long until;  /* we have shut down, and wait so long for the peer's end-of-file */
};

static struct client **clients;
static struct pollfd *polled; /* [0] is the listener, [i + 1] belongs to clients[i] */
static size_t count, space;

static void add_client(int fd)
{
    if (count == space) {
        space = space ? 2 * space : 64;
        clients = grow(clients, space * sizeof *clients);
        polled = grow(polled, (space + 1) * sizeof *polled);
    }
    clients[count] = grow(NULL, sizeof **clients);
    memset(clients[count], 0, sizeof **clients);
    clients[count]->fd = fd;
    polled[count + 1].revents = 0;
    count++;
}

static void drop_client(struct client *c)
{
    close(c->fd);
    free(c->in.buf);
    free(c->out.buf);
    free(c);
}

/* Answer the lines that are there, as far as the client may be owed them. False: a line too long. */
static int answer(struct client *c)
{
    while (!c->finished && length(&c->out) < OWED) {
        char *p = c->in.buf + c->in.start, *nl = NULL;
        size_t n = length(&c->in), used;

        if (n > 0)
            nl = memchr(p, '\n', n);
        if (nl)
            n = (size_t)(nl - p);
        if (n > LONGEST)
            return 0;
        if (!nl && !c->peer_eof)
            return 1;
        if (!nl)
            c->finished = 1;
        used = nl ? n + 1 : n;
        if (nl && n > 0 && p[n - 1] == '\r')
            n--;
        if (is_quit(p, n)) {
            c->finished = 1;
        } else if (used > 0) {
            shout(p, n);
            append_line(&c->out, p, n);
        }
        forget(&c->in, used);
    }
    return 1;
}

static int read_some(struct client *c)
{
    ssize_t n = recv(c->fd, room(&c->in, CHUNK), CHUNK, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (n == 0)
        c->peer_eof = 1;
    else if (!c->finished)
        c->in.end += (size_t)n;
    return 1;
}

/* False when the client is to be dropped. */
static int advance(struct client *c, short events)
{
    size_t before;

    if (events & (POLLERR | POLLNVAL))
        return 0;
    if ((events & (POLLIN | POLLHUP)) && !c->peer_eof && !read_some(c))
        return 0;
    do {
        if (!answer(c))
            return 0;
        before = length(&c->out);
        if (!flush_queue(&c->out, c->fd))
            return 0;
    } while (before >= OWED && length(&c->out) < OWED);
    if (c->finished && length(&c->out) == 0) {
        if (c->peer_eof)
            return 0;
        if (!c->until) {
            shutdown(c->fd, SHUT_WR);
            c->until = now_ms() + LINGER_MS;
        }
    }
    return 1;
}

static short interest(const struct client *c)
{
    short events = 0;

    if (length(&c->out) > 0)
        events |= POLLOUT;
    if (!c->peer_eof && (c->finished ? length(&c->out) == 0 : length(&c->out) < OWED))
        events |= POLLIN;
    return events;
}

static void run_server(int listener)
{
    long long deaf_until = 0;

    fcntl(listener, F_SETFL, O_NONBLOCK);
    polled = grow(NULL, sizeof *polled);
    for (;;) {
        long long now = now_ms(), wake = -1;
        size_t i, kept = 0;

        polled[0].fd = now < deaf_until ? -1 : listener;
        polled[0].events = POLLIN;
        if (now < deaf_until)
            wake = deaf_until;
        for (i = 0; i < count; i++) {
            polled[i + 1].fd = clients[i]->fd;
            polled[i + 1].events = interest(clients[i]);
            if (clients[i]->until && (wake < 0 || clients[i]->until < wake))
                wake = clients[i]->until;
        }
        if (wake >= 0)
            wake = wake > now ? wake - now : 0;
        if (poll(polled, count + 1, (int)wake) < 0) {
            if (errno != EINTR && errno != EAGAIN)
                die("poll: %s", strerror(errno));
            continue;
        }
        now = now_ms();
        for (i = 0; i < count; i++) {
            struct client *c = clients[i];
            short events = polled[i + 1].revents;
            if ((events && !advance(c, events)) || (c->until && c->until <= now))
                drop_client(c);
            else
                clients[kept++] = c;
        }
        count = kept;
        if (polled[0].revents) {
            int fd, n;
            for (n = 0; n < 64 && (fd = accept4(listener, NULL, NULL,
                                               SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0; n++)
                add_client(fd);
            if (n < 64 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
                deaf_until = now + 100;
        }
    }
}

/* ---- client ----------------------------------------------------------- */

static void run_client(int fd)
{
    struct lines typed = { .fd = 0 }, heard = { .fd = fd };
    struct queue out = { 0 };
    int typing = 1;
    char *line;
    size_t n;

    for (;;) {
        struct pollfd p[2] = { { -1, POLLIN, 0 }, { fd, POLLIN, 0 } };

        while (typing && length(&out) < TYPED) {
            if (lines_take(&typed, &line, &n)) {
                if (is_blank_line(line, n))
                    continue;
                append_line(&out, line, n);
                typing = !is_quit(line, n);
            } else if (typed.eof) {
                append_line(&out, "Q", 1);
                typing = 0;
            } else {
                break;
            }
        }
        if (!flush_queue(&out, fd)) { /* the server takes no more; it may still have spoken */
            forget(&out, length(&out));
            typing = 0;
        }
        if (typing && length(&out) < TYPED)
            p[0].fd = 0;
        if (length(&out) > 0)
            p[1].events |= POLLOUT;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            die("poll: %s", strerror(errno));
        if (p[0].revents)
            lines_fill(&typed);
        if (p[1].revents & ~POLLOUT) {
            lines_fill(&heard);
            while (lines_take(&heard, &line, &n))
                print_line(line, n);
            if (heard.eof)
                break;
        }
    }
    free(typed.buf);
    free(heard.buf);
    free(out.buf);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR, BRIEF);

    if (o.server)
        run_server(open_server(&o, SOCK_STREAM));
    else
        run_client(dial(&o));
    return 0;
}
