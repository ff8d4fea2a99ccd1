/* A disk that fails: preloaded, it lets the Nth call that changes a file under one folder fail, or kills the process
   there. A write that is struck has already put half of its bytes on the disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int nth, count, code; /* code 0 = kill */
static char under[4096];

void faulty_disk_arm(int at, int error, const char *folder) {
    nth = at, count = 0, code = error;
    snprintf(under, sizeof under, "%s", folder);
}

int faulty_disk_count(void) { return count; }

static int is_struck(const char *path) {
    if (!nth || strncmp(path, under, strlen(under))) return 0;
    return ++count == nth;
}

static int is_fd_struck(int fd) {
    char link[64], path[4096];
    if (!nth) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return is_struck(path);
}

static int fail(void) {
    if (!code) raise(SIGKILL);
    errno = code;
    return -1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t n) {
    if (!is_fd_struck(fd)) return REAL(write)(fd, data, n);
    REAL(write)(fd, data, n / 2);
    return fail();
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    if (!is_fd_struck(fd)) return REAL(pwrite)(fd, data, n, at);
    REAL(pwrite)(fd, data, n / 2, at);
    return fail();
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    if (!is_fd_struck(fd)) return REAL(pwrite64)(fd, data, n, at);
    REAL(pwrite64)(fd, data, n / 2, at);
    return fail();
}
int fsync(int fd) { return is_fd_struck(fd) ? fail() : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_fd_struck(fd) ? fail() : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t n) { return is_fd_struck(fd) ? fail() : REAL(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { return is_fd_struck(fd) ? fail() : REAL(ftruncate64)(fd, n); }
int rename(const char *from, const char *to) { return is_struck(to) ? fail() : REAL(rename)(from, to); }
int unlink(const char *path) { return is_struck(path) ? fail() : REAL(unlink)(path); }
