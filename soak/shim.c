/* Stands between a program and the file system (LD_PRELOAD), for one folder of files.
 *
 * soak_watch(folder, log): from now on every change of a file in `folder` is appended to the descriptor `log` (unless
 * -1), in the order in which the program makes it: write, truncate, sync, create, unlink, rename, link.
 * soak_die(n): the process kills itself just before (n even) or just after (n odd) its n/2-th change from now on; a
 * write is cut in the middle once in a while, as `torn` says.
 * Shared memory (-shm) is mapped, not written, and is no part of this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[4096];
static size_t folder_length;
static int log_to = -1;
static long left = -1;
static int torn;
static long seen;

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t raw_write(int fd, const void *data, size_t size) {
    REAL("write", ssize_t, int, const void *, size_t);
    return real(fd, data, size);
}

void soak_watch(const char *path, int log) {
    snprintf(folder, sizeof folder, "%s", path);
    folder_length = strlen(folder);
    log_to = log;
    seen = 0;
}

void soak_die(long changes, int tear) { left = changes; torn = tear; }

long soak_seen(void) { return seen; }

static int ours(const char *path) {
    return folder_length && !strncmp(path, folder, folder_length) && path[folder_length] == '/';
}

static int path_of(int fd, char *path, size_t size) {
    char link[64];
    if (!folder_length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return ours(path) || !strcmp(path, folder);
}

static void put(char op, const char *path, const char *other, uint64_t offset, const void *data, uint64_t size) {
    if (log_to < 0) return;
    uint32_t lengths[2] = {(uint32_t)strlen(path), (uint32_t)strlen(other)};
    uint64_t place[2] = {offset, size};
    raw_write(log_to, &op, 1);
    raw_write(log_to, lengths, sizeof lengths);
    raw_write(log_to, place, sizeof place);
    raw_write(log_to, path, lengths[0]);
    raw_write(log_to, other, lengths[1]);
    if (data) raw_write(log_to, data, size);
}

static void step(void) {
    if (left >= 0 && left-- == 0) kill(getpid(), SIGKILL);
}

#define WRITES(name, params, args, place) \
    ssize_t name params { \
        REAL(#name, ssize_t, int, const void *, size_t, off64_t); \
        char path[4096]; \
        if (!path_of(fd, path, sizeof path)) return real args; \
        uint64_t at = place; \
        seen++; \
        step(); \
        if (left == 0 && torn && size > 1) { size = size / 2; } \
        ssize_t done = real args; \
        if (done > 0) put('w', path, "", at, data, (uint64_t)done); \
        step(); \
        return done; \
    }

WRITES(write, (int fd, const void *data, size_t size), (fd, data, size, 0), (uint64_t)lseek64(fd, 0, SEEK_CUR))
WRITES(pwrite64, (int fd, const void *data, size_t size, off64_t offset), (fd, data, size, offset), (uint64_t)offset)
WRITES(pwrite, (int fd, const void *data, size_t size, off64_t offset), (fd, data, size, offset), (uint64_t)offset)

#define SYNCS(name) \
    int name(int fd) { \
        REAL(#name, int, int); \
        char path[4096]; \
        if (!path_of(fd, path, sizeof path)) return real(fd); \
        seen++; \
        step(); \
        int done = real(fd); \
        if (!done) put('s', path, "", 0, NULL, 0); \
        step(); \
        return done; \
    }
SYNCS(fsync)
SYNCS(fdatasync)

#define TRUNCATES(name) \
    int name(int fd, off64_t size) { \
        REAL(#name, int, int, off64_t); \
        char path[4096]; \
        if (!path_of(fd, path, sizeof path)) return real(fd, size); \
        seen++; \
        step(); \
        int done = real(fd, size); \
        if (!done) put('t', path, "", (uint64_t)size, NULL, 0); \
        step(); \
        return done; \
    }
TRUNCATES(ftruncate)
TRUNCATES(ftruncate64)

#define PATHS(name, op) \
    int name(const char *path) { \
        REAL(#name, int, const char *); \
        if (!ours(path)) return real(path); \
        seen++; \
        step(); \
        int done = real(path); \
        if (!done) put(op, path, "", 0, NULL, 0); \
        step(); \
        return done; \
    }
PATHS(unlink, 'u')

#define PAIRS(name, op) \
    int name(const char *path, const char *other) { \
        REAL(#name, int, const char *, const char *); \
        if (!ours(path) && !ours(other)) return real(path, other); \
        seen++; \
        step(); \
        int done = real(path, other); \
        if (!done) put(op, path, other, 0, NULL, 0); \
        step(); \
        return done; \
    }
PAIRS(rename, 'r')
PAIRS(link, 'l')

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(#name, int, const char *, int, ...); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
        if (!(flags & (O_CREAT | O_TRUNC)) || !ours(path)) return real(path, flags, mode); \
        struct stat before; \
        int made = stat(path, &before) != 0; \
        if (!made && !(flags & O_TRUNC)) return real(path, flags, mode); \
        seen++; \
        step(); \
        int fd = real(path, flags, mode); \
        if (fd >= 0) put(made ? 'c' : 't', path, "", 0, NULL, 0); \
        step(); \
        return fd; \
    }
OPENS(open)
OPENS(open64)

/* The same with a folder's descriptor: what is made in private and named from there. */
static void path_at(int dir, const char *name, char *path, size_t size) {
    char place[4096];
    if (name[0] == '/' || dir == AT_FDCWD || !path_of(dir, place, sizeof place)) snprintf(path, size, "%s", name);
    else snprintf(path, size, "%s/%s", place, name);
}

int unlinkat(int dir, const char *name, int flags) {
    REAL("unlinkat", int, int, const char *, int);
    char path[8300];
    path_at(dir, name, path, sizeof path);
    if (!ours(path)) return real(dir, name, flags);
    seen++;
    step();
    int done = real(dir, name, flags);
    if (!done && !(flags & AT_REMOVEDIR)) put('u', path, "", 0, NULL, 0);
    step();
    return done;
}

#define PAIRS_AT(name, op, extra, more) \
    int name(int dir, const char *path, int other_dir, const char *other extra) { \
        REAL(#name, int, int, const char *, int, const char * extra); \
        char one[8300], two[8300]; \
        path_at(dir, path, one, sizeof one); \
        path_at(other_dir, other, two, sizeof two); \
        if (!ours(one) && !ours(two)) return real(dir, path, other_dir, other more); \
        seen++; \
        step(); \
        int done = real(dir, path, other_dir, other more); \
        if (!done) put(op, one, two, 0, NULL, 0); \
        step(); \
        return done; \
    }
#define COMMA ,
PAIRS_AT(renameat, 'r', , )
PAIRS_AT(linkat, 'l', COMMA int flags, COMMA flags)

int mkdirat(int dir, const char *name, mode_t mode) {
    REAL("mkdirat", int, int, const char *, mode_t);
    char path[8300];
    path_at(dir, name, path, sizeof path);
    if (!ours(path)) return real(dir, name, mode);
    seen++;
    step();
    int done = real(dir, name, mode);
    step();
    return done;
}
