/* Lesson 8, client auth: a process for each client, and SHA-256 by hand. */
#include "common.h"
#include <sys/prctl.h>
#include <sys/random.h>

static const char BRIEF[] =
    "Lesson 8: client auth - who may come in\n"
    "\n"
    "Frames as in lesson 5. The server sends 32 random bytes; the client proves that it knows the\n"
    "secret in LESSON08_SECRET by answering with their HMAC-SHA256. Then the server says `ok` and\n"
    "shouts back frames; a client that cannot answer in time is denied.\n"
    "\n"
    "  terminal 1:  LESSON08_SECRET=sesame lesson08 server --addr 127.0.0.1:9000\n"
    "  terminal 2:  LESSON08_SECRET=sesame lesson08 client --addr 127.0.0.1:9000\n"
    "\n"
    "Grade: run the course's checker for lesson 8 on this program.\n"
    "Chapter: lesson 8 of the course book.\n";

enum { LIMIT = 1 << 20, PROOF = 32, GOODBYE_MS = 200 };

/* ---- SHA-256 and HMAC ------------------------------------------------- */

struct sha256 {
    uint32_t h[8];
    unsigned char block[64];
    uint64_t bytes;
};

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t ror(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static void sha_block(struct sha256 *s)
{
    uint32_t w[64], v[8];
    int i;

    for (i = 0; i < 16; i++) {
        const unsigned char *b = s->block + 4 * i;
        w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    for (; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7]
             + (ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3)
             + (ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, s->h, sizeof v);
    for (i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25))
                    + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        uint32_t t2 = (ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22))
                    + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (i = 0; i < 8; i++)
        s->h[i] += v[i];
}

static void sha_start(struct sha256 *s)
{
    static const uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    memcpy(s->h, h, sizeof h);
    s->bytes = 0;
}

static void sha_add(struct sha256 *s, const void *data, size_t n)
{
    const unsigned char *p = data;

    while (n-- > 0) {
        s->block[s->bytes++ % 64] = *p++;
        if (s->bytes % 64 == 0)
            sha_block(s);
    }
}

static void sha_end(struct sha256 *s, unsigned char *digest)
{
    static const unsigned char pad[64] = { 0x80 };
    uint64_t bits = s->bytes * 8;
    unsigned char tail[8];
    int i;

    sha_add(s, pad, 1 + (119 - s->bytes % 64) % 64);
    for (i = 0; i < 8; i++)
        tail[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha_add(s, tail, 8);
    for (i = 0; i < 32; i++)
        digest[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

static void hmac(const char *key, const void *message, size_t n, unsigned char *digest)
{
    unsigned char k[64] = { 0 }, pad[64];
    struct sha256 s;
    size_t len = strlen(key);
    int i, outer;

    if (len > sizeof k) {
        sha_start(&s);
        sha_add(&s, key, len);
        sha_end(&s, k);
    } else {
        memcpy(k, key, len);
    }
    for (outer = 0; outer < 2; outer++) {
        for (i = 0; i < 64; i++)
            pad[i] = k[i] ^ (outer ? 0x5c : 0x36);
        sha_start(&s);
        sha_add(&s, pad, sizeof pad);
        if (outer)
            sha_add(&s, digest, 32);
        else
            sha_add(&s, message, n);
        sha_end(&s, digest);
    }
}

/* ---- frames ----------------------------------------------------------- */

static int send_frame(int fd, const void *payload, size_t n)
{
    char *wire = grow(NULL, 4 + n);
    uint32_t length = htonl((uint32_t)n);
    int r;

    memcpy(wire, &length, 4);
    memcpy(wire + 4, payload, n);
    r = send_all(fd, wire, 4 + n);
    free(wire);
    return r;
}

static uint32_t length_of(const unsigned char *header)
{
    uint32_t n;
    memcpy(&n, header, 4);
    return ntohl(n);
}

/* ---- server ----------------------------------------------------------- */

/* Exactly n bytes before the deadline? */
static int recv_before(int fd, unsigned char *to, size_t n, long long deadline)
{
    while (n > 0) {
        struct pollfd p = { fd, POLLIN, 0 };
        long long left = deadline - now_ms();
        ssize_t k;

        if (left <= 0)
            return 0;
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        k = recv(fd, to, n, MSG_DONTWAIT);
        if (k < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (k <= 0)
            return 0;
        to += k;
        n -= (size_t)k;
    }
    return 1;
}

static int knows_the_secret(int fd, const char *secret, long long deadline)
{
    unsigned char challenge[32], header[4], answer[PROOF], right[PROOF];
    unsigned different = 0;
    int i;

    if (getrandom(challenge, sizeof challenge, 0) != sizeof challenge)
        return 0;
    if (send_frame(fd, challenge, sizeof challenge) < 0
        || !recv_before(fd, header, sizeof header, deadline) || length_of(header) != PROOF
        || !recv_before(fd, answer, sizeof answer, deadline))
        return 0;
    hmac(secret, challenge, sizeof challenge, right);
    for (i = 0; i < PROOF; i++)
        different |= answer[i] ^ right[i];
    return different == 0;
}

static void serve_frames(int fd)
{
    unsigned char header[4];
    char *payload = grow(NULL, LIMIT);
    size_t got;

    for (;;) {
        uint32_t n = 0;
        int r = recv_all(fd, header, 4, &got);

        if (r > 0 && (n = length_of(header)) > LIMIT) {
            print_log("rejected %lu", (unsigned long)n);
            break;
        }
        if (r > 0) {
            r = recv_all(fd, payload, n, &got);
            got = 1;
        }
        if (r == 0 && got > 0)
            print_log("truncated");
        if (r <= 0)
            break;
        print_log("frame %lu", (unsigned long)n);
        shout(payload, n);
        if (send_frame(fd, payload, n) < 0)
            break;
    }
    free(payload);
}

static void serve(int fd, const char *peer, const char *secret, long long deadline)
{
    print_log("connected %s", peer);
    if (knows_the_secret(fd, secret, deadline)) {
        if (send_frame(fd, "ok", 2) == 0) {
            print_log("authenticated %s", peer);
            serve_frames(fd);
        }
    } else {
        unsigned char trash[4096];
        long long until = now_ms() + GOODBYE_MS;
        send_frame(fd, "denied", 6);
        shutdown(fd, SHUT_WR);
        print_log("denied %s", peer);
        while (recv_before(fd, trash, sizeof trash, until))
            ;
    }
    leave(fd);
    print_log("disconnected %s", peer);
}

static void run_server(const struct options *o, const char *secret)
{
    int listener = open_server(o, SOCK_STREAM);
    pid_t parent = getpid();

    signal(SIGCHLD, SIG_IGN); /* children leave no zombies */
    for (;;) {
        char peer[ADDR_TEXT];
        int fd = next_client(listener, peer);
        long long deadline = now_ms() + o->auth_timeout + 1; /* never a fraction early */
        pid_t pid = fork();

        if (pid == 0) {
            close(listener);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() == parent)
                serve(fd, peer, secret, deadline);
            _exit(0);
        }
        if (pid < 0)
            serve(fd, peer, secret, deadline);
        else
            close(fd);
    }
}

/* ---- client ----------------------------------------------------------- */

/* One frame, or failure. */
static uint32_t receive(int fd, char *payload, const char *addr)
{
    unsigned char header[4];
    uint32_t n;
    size_t got;

    if (recv_all(fd, header, 4, &got) <= 0)
        die("%s: the server went away", addr);
    n = length_of(header);
    if (n > LIMIT)
        die("%s: a frame of %lu bytes is over the limit", addr, (unsigned long)n);
    if (recv_all(fd, payload, n, &got) <= 0)
        die("%s: the server went away inside a frame", addr);
    return n;
}

static void run_client(const struct options *o, const char *secret)
{
    unsigned char proof[PROOF];
    char *payload = grow(NULL, LIMIT), *line = NULL;
    size_t cap = 0;
    ssize_t n;
    uint32_t got;
    int fd = dial(o);

    if (receive(fd, payload, o->addr) != 32)
        die("%s: the challenge is not 32 bytes long", o->addr);
    hmac(secret, payload, 32, proof);
    if (send_frame(fd, proof, sizeof proof) < 0)
        die("%s: the server went away", o->addr);
    got = receive(fd, payload, o->addr);
    if (got != 2 || memcmp(payload, "ok", 2) != 0)
        die("%s: the server did not let us in", o->addr);

    while ((n = getline(&line, &cap, stdin)) >= 0) {
        if (n > 0 && line[n - 1] == '\n' && --n > 0 && line[n - 1] == '\r')
            n--;
        if (is_quit(line, (size_t)n))
            break;
        if (n > LIMIT)
            die("%s: a line of %zd bytes is too long for a frame", o->addr, n);
        if (send_frame(fd, line, (size_t)n) < 0)
            die("%s: the server went away", o->addr);
        got = receive(fd, payload, o->addr);
        print_line(payload, got);
    }
    free(line);
    free(payload);
    leave(fd);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv, FLAG_ADDR | FLAG_AUTH, BRIEF);
    const char *secret = getenv("LESSON08_SECRET");

    if (!secret || !*secret)
        die("LESSON08_SECRET is not set");
    if (o.server)
        run_server(&o, secret);
    run_client(&o, secret);
    return 0;
}
