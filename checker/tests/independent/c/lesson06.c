/* Lesson 6, AF_UNIX: a thread for each client; the main thread does nothing but wait for a signal,
 * which no other thread ever sees. */
#include "common.h"
#include <pthread.h>
#include <sys/stat.h>
#include <sys/un.h>

static const char BRIEF[] =
    "Lesson 6: AF_UNIX - talking on one machine\n"
    "\n"
    "As lesson 3, over a socket file that only its owner may use. The kernel tells the server who\n"
    "the client is, and the server greets it with `hello pid=P uid=U`. SIGTERM and SIGINT remove\n"
    "the file.\n"
    "\n"
    "  terminal 1:  lesson06 server --path /tmp/lesson06.sock\n"
    "  terminal 2:  lesson06 client --path /tmp/lesson06.sock\n"
    "\n"
    "Grade: run the course's checker for lesson 6 on this program.\n"
    "Chapter: lesson 6 of the course book.\n";

static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

static void print_whole(const char *text, size_t n)
{
    pthread_mutex_lock(&printing);
    print_line(text, n);
    pthread_mutex_unlock(&printing);
}

static int send_line(int fd, const char *line, size_t n)
{
    char *wire = grow(NULL, n + 1);
    int r;

    memcpy(wire, line, n);
    wire[n] = '\n';
    r = send_all(fd, wire, n + 1);
    free(wire);
    return r;
}

static struct sockaddr_un name(const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof un.sun_path)
        die("%s: the path is too long for a socket", path);
    strcpy(un.sun_path, path);
    return un;
}

/* ---- server ----------------------------------------------------------- */

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    struct lines l = { .fd = fd };
    struct ucred who = { 0, 0, 0 };
    socklen_t len = sizeof who;
    char text[96], *line;
    size_t n;

    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
    n = (size_t)snprintf(text, sizeof text, "connected pid=%ld uid=%lu", (long)who.pid,
                         (unsigned long)who.uid);
    print_whole(text, n);
    n = (size_t)snprintf(text, sizeof text, "hello pid=%ld uid=%lu", (long)who.pid,
                         (unsigned long)who.uid);
    if (send_line(fd, text, n) == 0) {
        while (lines_next(&l, &line, &n) && !is_quit(line, n)) {
            print_whole(line, n);
            shout(line, n);
            if (send_line(fd, line, n) < 0)
                break;
        }
    }
    free(l.buf);
    leave(fd);
    n = (size_t)snprintf(text, sizeof text, "disconnected pid=%ld uid=%lu", (long)who.pid,
                         (unsigned long)who.uid);
    print_whole(text, n);
    return NULL;
}

static void *accept_all(void *arg)
{
    char ignored[ADDR_TEXT];
    int listener = (int)(intptr_t)arg;

    for (;;) {
        void *fd = (void *)(intptr_t)next_client(listener, ignored);
        pthread_t t;
        if (pthread_create(&t, NULL, serve, fd) == 0)
            pthread_detach(t);
        else
            serve(fd);
    }
    return NULL;
}

/* Something stands at the path. Remove it if it is a socket that nobody listens on, else fail. */
static void remove_left_over(const char *path)
{
    struct sockaddr_un un = name(path);
    struct stat st;
    int fd, r, e;

    if (lstat(path, &st) < 0) {
        if (errno == ENOENT)
            return;
        die("%s: %s", path, strerror(errno));
    }
    if (!S_ISSOCK(st.st_mode))
        die("%s: not a socket; left as it is", path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    r = connect(fd, (struct sockaddr *)&un, sizeof un);
    e = errno;
    close(fd);
    if (r == 0 || e == EAGAIN)
        die("%s: a server is listening there", path);
    if (e != ECONNREFUSED && e != ENOENT)
        die("%s: %s", path, strerror(e));
    if (unlink(path) < 0 && errno != ENOENT)
        die("%s: %s", path, strerror(errno));
}

static void run_server(const char *path)
{
    struct sockaddr_un un = name(path);
    struct stat mine, now;
    sigset_t set;
    pthread_t t;
    mode_t old;
    char text[sizeof un.sun_path + 16];
    int fd, n, sig, tries;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    /* An ignored signal is thrown away even while it is blocked. */
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    old = umask(0177);
    for (tries = 0; bind(fd, (struct sockaddr *)&un, sizeof un) < 0; tries++) {
        if (errno != EADDRINUSE || tries == 3)
            die("%s: %s", path, strerror(errno));
        remove_left_over(path);
    }
    umask(old);
    if (lstat(path, &mine) < 0)
        die("%s: %s", path, strerror(errno));
    if (listen(fd, SOMAXCONN) < 0 || pthread_create(&t, NULL, accept_all, (void *)(intptr_t)fd)) {
        unlink(path);
        die("%s: cannot serve", path);
    }
    n = snprintf(text, sizeof text, "listening on %s", un.sun_path);
    print_whole(text, (size_t)n);
    sigwait(&set, &sig);
    if (lstat(path, &now) == 0 && now.st_dev == mine.st_dev && now.st_ino == mine.st_ino)
        unlink(path);
    _exit(0);
}

/* ---- client ----------------------------------------------------------- */

static void run_client(const char *path)
{
    struct sockaddr_un un = name(path);
    struct lines typed = { .fd = 0 }, heard = { 0 };
    char *line;
    size_t n;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof un) < 0)
        die("cannot connect to %s: %s", path, strerror(errno));
    heard.fd = fd;
    while (lines_next(&heard, &line, &n)) {
        print_whole(line, n);
        do
            if (!lines_next(&typed, &line, &n)) {
                line = "Q";
                n = 1;
            }
        while (is_blank_line(line, n));
        if (send_line(fd, line, n) < 0 || is_quit(line, n))
            break;
    }
    free(typed.buf);
    free(heard.buf);
    leave(fd);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_PATH, BRIEF);

    if (o.server)
        run_server(o.path);
    run_client(o.path);
    return 0;
}
