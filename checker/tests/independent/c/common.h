/* What the C programs of this folder share: flags, addresses, lines, printing. */
#ifndef COMMON_H
#define COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_ADDR "127.0.0.1:9000"
#define DEFAULT_PATH "/tmp/lesson06.sock"

/* ---- failing ---------------------------------------------------------- */

__attribute__((format(printf, 1, 2), noreturn))
static inline void die(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static inline void *grow(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);
    if (!p)
        die("out of memory");
    return p;
}

/* ---- the command line ------------------------------------------------- */

struct options {
    int server;           /* else: client */
    const char *addr;     /* as given */
    char host[256];
    char port[6];
    const char *path;
    int auth_timeout;     /* milliseconds */
};

enum { FLAG_ADDR = 1, FLAG_PATH = 2, FLAG_AUTH = 4 };

__attribute__((noreturn))
static inline void usage(const char *program, int flags)
{
    const char *slash = strrchr(program, '/');
    fprintf(stderr, "usage: %s server|client%s%s%s\n", slash ? slash + 1 : program,
            flags & FLAG_ADDR ? " [--addr HOST:PORT]" : "",
            flags & FLAG_PATH ? " [--path PATH]" : "",
            flags & FLAG_AUTH ? " [--auth-timeout MS (server)]" : "");
    exit(2);
}

/* A decimal number of at most nine digits, or -1. */
static inline long number(const char *text)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 9 || text[n])
        return -1;
    return atol(text);
}

static inline int split_addr(const char *text, struct options *o)
{
    const char *host = text, *colon = strrchr(text, ':');
    size_t n;
    long port;

    if (!colon)
        return -1;
    port = number(colon + 1);
    if (port < 0 || port > 65535)
        return -1;
    snprintf(o->port, sizeof o->port, "%u", (unsigned)(port & 0xffff));
    n = (size_t)(colon - text);
    if (*text == '[') {
        if (n < 4 || text[n - 1] != ']')
            return -1;
        host = text + 1;
        n -= 2;
    } else if (memchr(text, ':', n) || memchr(text, '[', n) || memchr(text, ']', n)) {
        return -1;
    }
    if (n == 0 || n >= sizeof o->host)
        return -1;
    memcpy(o->host, host, n);
    o->host[n] = '\0';
    if (*text == '[') {
        char bare[sizeof o->host];
        struct in6_addr ignored;
        memcpy(bare, o->host, n + 1);
        bare[strcspn(bare, "%")] = '\0';
        if (inet_pton(AF_INET6, bare, &ignored) != 1)
            return -1;
    }
    return 0;
}

static inline struct options parse(int argc, char **argv, int flags, const char *brief)
{
    struct options o = { 0, DEFAULT_ADDR, "", "", DEFAULT_PATH, 2000 };
    int i, fd;

    /* A program started without its standard descriptors must not take a socket for one. */
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= 2)
        ;
    if (fd > 2)
        close(fd);
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        fputs(brief, stdout);
        exit(fflush(stdout) ? 1 : 0);
    }
    if (strcmp(argv[1], "server") == 0)
        o.server = 1;
    else if (strcmp(argv[1], "client") != 0)
        usage(argv[0], flags);
    for (i = 2; i < argc; i += 2) {
        if (i + 1 == argc)
            usage(argv[0], flags);
        if ((flags & FLAG_ADDR) && strcmp(argv[i], "--addr") == 0) {
            o.addr = argv[i + 1];
        } else if ((flags & FLAG_PATH) && strcmp(argv[i], "--path") == 0 && *argv[i + 1]) {
            o.path = argv[i + 1];
        } else if ((flags & FLAG_AUTH) && o.server && strcmp(argv[i], "--auth-timeout") == 0
                   && number(argv[i + 1]) > 0) {
            o.auth_timeout = (int)number(argv[i + 1]);
        } else {
            usage(argv[0], flags);
        }
    }
    if ((flags & FLAG_ADDR) && split_addr(o.addr, &o))
        usage(argv[0], flags);
    return o;
}

/* ---- bytes and lines -------------------------------------------------- */

static inline void shout(char *p, size_t n)
{
    for (; n > 0; n--, p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
}

static inline int is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline int is_blank_line(const char *p, size_t n)
{
    while (n > 0 && is_white(*p))
        p++, n--;
    return n == 0;
}

static inline int is_quit(const char *p, size_t n)
{
    while (n > 0 && is_white(*p))
        p++, n--;
    return n > 0 && (*p == 'q' || *p == 'Q') && is_blank_line(p + 1, n - 1);
}

/* The length of the well-formed UTF-8 sequence at p, 0 when there is none. */
static inline size_t utf8_at(const unsigned char *p, size_t n)
{
    unsigned lo = 0x80, hi = 0xBF;
    size_t len, i;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2;
    } else if ((p[0] & 0xF0) == 0xE0) {
        len = 3;
        if (p[0] == 0xE0)
            lo = 0xA0;
        if (p[0] == 0xED)
            hi = 0x9F;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4;
        if (p[0] == 0xF0)
            lo = 0x90;
        if (p[0] == 0xF4)
            hi = 0x8F;
    } else {
        return 0;
    }
    if (n < len || p[1] < lo || p[1] > hi)
        return 0;
    for (i = 2; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

/* Print bytes from the other side as one line: one write where the kernel lets it be one. */
static inline void print_line(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    char *out = grow(NULL, 3 * n + 1);
    size_t len = 0, done = 0;

    while (n > 0) {
        size_t k = utf8_at(p, n);
        if (k > 0) {
            memcpy(out + len, p, k);
            len += k;
        } else {
            memcpy(out + len, "\xEF\xBF\xBD", 3);
            len += 3;
            k = 1;
        }
        p += k;
        n -= k;
    }
    out[len++] = '\n';
    while (done < len) {
        ssize_t k = write(1, out + done, len - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            die("cannot write to stdout: %s", strerror(errno));
        done += (size_t)k;
    }
    free(out);
}

__attribute__((format(printf, 1, 2)))
static inline void print_log(const char *format, ...)
{
    char text[512];
    va_list ap;
    int n;
    va_start(ap, format);
    n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    print_line(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* A reader of lines that knows what it has buffered. */
struct lines {
    int fd;
    char *buf;
    size_t start, seen, end, cap;
    int eof;     /* nothing more will come */
    int broken;  /* ... because of an error: a half line is dropped */
};

/* One read. False at the end. */
static inline int lines_fill(struct lines *l)
{
    ssize_t n;

    if (l->eof)
        return 0;
    if (l->start > 0) {
        memmove(l->buf, l->buf + l->start, l->end - l->start);
        l->seen -= l->start;
        l->end -= l->start;
        l->start = 0;
    }
    if (l->cap - l->end < 4096) {
        l->cap = l->cap ? 2 * l->cap : 16384;
        l->buf = grow(l->buf, l->cap);
    }
    do
        n = read(l->fd, l->buf + l->end, l->cap - l->end);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        l->end += (size_t)n;
        return 1;
    }
    l->eof = 1;
    l->broken = n < 0;
    return 0;
}

/* The next buffered line, if there is a whole one. It lives until the next lines_fill. */
static inline int lines_take(struct lines *l, char **line, size_t *n)
{
    char *nl = NULL;

    if (l->end > l->seen)
        nl = memchr(l->buf + l->seen, '\n', l->end - l->seen);
    if (nl) {
        *line = l->buf + l->start;
        *n = (size_t)(nl - *line);
        l->start = l->seen = (size_t)(nl - l->buf) + 1;
        if (*n > 0 && (*line)[*n - 1] == '\r')
            --*n;
        return 1;
    }
    l->seen = l->end;
    if (l->eof && !l->broken && l->end > l->start) {
        *line = l->buf + l->start;
        *n = l->end - l->start;
        l->start = l->end;
        return 1;
    }
    return 0;
}

static inline int lines_next(struct lines *l, char **line, size_t *n)
{
    while (!lines_take(l, line, n))
        if (!lines_fill(l))
            return lines_take(l, line, n);
    return 1;
}

/* ---- sockets ---------------------------------------------------------- */

static inline int send_all(int fd, const void *data, size_t n)
{
    const char *p = data;

    while (n > 0) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        p += k;
        n -= (size_t)k;
    }
    return 0;
}

/* Exactly n bytes: 1; end-of-file first: 0; an error: -1. *got says how many there were. */
static inline int recv_all(int fd, void *data, size_t n, size_t *got)
{
    *got = 0;
    while (*got < n) {
        ssize_t k = recv(fd, (char *)data + *got, n - *got, 0);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return (int)k;
        *got += (size_t)k;
    }
    return 1;
}

/* Close so that our last words are not destroyed by bytes we never read. Waits for nothing. */
static inline void leave(int fd)
{
    char trash[16384];
    int i;

    shutdown(fd, SHUT_WR);
    for (i = 0; i < 64 && recv(fd, trash, sizeof trash, MSG_DONTWAIT) > 0; i++)
        ;
    close(fd);
}

static inline long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

#define ADDR_TEXT 128

static inline void addr_text(const struct sockaddr_storage *ss, socklen_t len, char *out)
{
    char host[96] = "?", port[8] = "0";
    getnameinfo((const struct sockaddr *)ss, len, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, ADDR_TEXT, ss->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static inline struct addrinfo *resolve(const struct options *o, int type)
{
    struct addrinfo hints, *list = NULL;
    int e;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = type;
    hints.ai_flags = AI_NUMERICSERV;
    e = getaddrinfo(o->host, o->port, &hints, &list);
    if (e || !list)
        die("%s: %s", o->addr, e == EAI_SYSTEM ? strerror(errno) : gai_strerror(e));
    return list;
}

/* A bound socket (TCP: listening), and its ready line. */
static inline int open_server(const struct options *o, int type)
{
    struct addrinfo *list = resolve(o, type), *a;
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    char text[ADDR_TEXT];
    int fd = -1, one = 1;

    for (a = list; a; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0) {
            if (type == SOCK_STREAM)
                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
            if (bind(fd, a->ai_addr, a->ai_addrlen) == 0)
                break;
        }
        /* Only an address this machine cannot use sends us on to the next one. */
        if (!a->ai_next || (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT))
            die("cannot listen on %s: %s", o->addr, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    freeaddrinfo(list);
    if (type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0)
        die("cannot listen on %s: %s", o->addr, strerror(errno));
    if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
        die("cannot listen on %s: %s", o->addr, strerror(errno));
    addr_text(&ss, len, text);
    print_log("listening on %s", text);
    return fd;
}

/* A connected TCP socket. */
static inline int dial(const struct options *o)
{
    struct addrinfo *list = resolve(o, SOCK_STREAM), *a;
    int fd, e = 0;

    for (a = list; a; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            freeaddrinfo(list);
            return fd;
        }
        e = errno;
        if (fd >= 0)
            close(fd);
    }
    die("cannot connect to %s: %s", o->addr, strerror(e));
}

/* The next client, and its address. What is only one client's bad luck is tried again. */
static inline int next_client(int listener, char *text)
{
    for (;;) {
        struct sockaddr_storage ss;
        socklen_t len = sizeof ss;
        int fd = accept4(listener, (struct sockaddr *)&ss, &len, SOCK_CLOEXEC);
        if (fd >= 0) {
            addr_text(&ss, len, text);
            return fd;
        }
        if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
            die("cannot accept: %s", strerror(errno));
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            poll(NULL, 0, 100);
    }
}

#endif
