#include <bisque/core/serialization/mapped_file.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <bisque/core/error.h>

namespace bisque {
namespace {

struct FileDescriptor {
  int fd;
  ~FileDescriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path, Mapping mapping) {
  // O_NONBLOCK: opening a named pipe must not wait for its writer.
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) fail(path, ": cannot be opened for reading (", std::strerror(errno), ").");
  struct stat info;
  if (::fstat(file.fd, &info) != 0) fail(path, ": cannot be examined (", std::strerror(errno), ").");
  if (S_ISDIR(info.st_mode)) fail(path, ": is a directory, expected a file.");
  if (!S_ISREG(info.st_mode)) fail(path, ": is a pipe or a device, expected a regular file.");
  if (info.st_size == 0) fail(path, ": is empty.");
  const auto size = static_cast<size_t>(info.st_size);
  // NORESERVE: pages are copied as they are written, so that a file larger than the memory can be mapped.
  const int protection = mapping == Mapping::kCopyOnWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = ::mmap(nullptr, size, protection, MAP_PRIVATE | MAP_NORESERVE, file.fd, 0);
  if (data == MAP_FAILED) fail(path, ": cannot be mapped into memory (", std::strerror(errno), ").");
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<const std::byte*>(data), size}));
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

}  // namespace bisque
