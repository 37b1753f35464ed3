/* Put before libc: each flush, read and write of files takes longer by what the file SLOW_DISK says, two numbers of microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct delays { volatile unsigned flush, access; };
static const struct delays *delays;

__attribute__((constructor)) static void look(void) {
  const char *path = getenv("SLOW_DISK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *delays, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) delays = mapped;
  close(file);
}

static void wait_for(unsigned microseconds) {
  struct timespec left = {microseconds / 1000000, microseconds % 1000000 * 1000L};
  while (microseconds > 0 && nanosleep(&left, &left) != 0) {}
}

#define SLOWED(kind, result, name, parameters, arguments)           \
  result name parameters {                                          \
    static result(*next) parameters;                                \
    if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
    if (delays) wait_for(delays->kind);                             \
    return next arguments;                                          \
  }

SLOWED(flush, int, fsync, (int fd), (fd))
SLOWED(flush, int, fdatasync, (int fd), (fd))
SLOWED(access, ssize_t, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
SLOWED(access, ssize_t, pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))
SLOWED(access, ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
SLOWED(access, ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
SLOWED(access, ssize_t, preadv, (int fd, const struct iovec *to, int count, off_t at), (fd, to, count, at))
SLOWED(access, ssize_t, pwritev, (int fd, const struct iovec *from, int count, off_t at), (fd, from, count, at))
