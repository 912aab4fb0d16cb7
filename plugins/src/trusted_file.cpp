// SPDX-License-Identifier: MIT
#include "trusted_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mercator::plugin {

namespace {

std::string system_message(int error) {
    return std::generic_category().message(error);
}

void refuse_open_folder(const std::filesystem::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
        throw Refusal("its folder cannot be examined: " + system_message(errno));
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        throw Refusal("its folder " + folder.string() +
                      " is writable for everybody (use chmod o-w)");
    }
}

} // namespace

TrustedFile::TrustedFile(const std::filesystem::path& path)
    // Non-blocking, so that a pipe of that name is refused and does not wait for a writer.
    :
    descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (descriptor_ < 0) {
        throw Refusal(system_message(errno));
    }
    try {
        check(path);
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

TrustedFile::~TrustedFile() {
    ::close(descriptor_);
}

void TrustedFile::check(const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) {
        throw Refusal(system_message(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        throw Refusal("is a folder, not a file");
    }
    if (!S_ISREG(status.st_mode)) {
        throw Refusal("is not a regular file");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        throw Refusal("is writable for everybody (use chmod o-w)");
    }
    refuse_open_folder(path.parent_path());
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (error) {
        throw Refusal(error.message());
    }
    refuse_open_folder(real.parent_path());
    size_ = static_cast<std::uint64_t>(status.st_size);
}

void TrustedFile::read(std::uint64_t offset, void* to, std::size_t length) const {
    auto* bytes = static_cast<char*>(to);
    while (length > 0) {
        const ssize_t count = ::pread(descriptor_, bytes, length, static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            throw Refusal(count < 0 ? system_message(errno) : "is truncated");
        }
        bytes += count;
        offset += static_cast<std::uint64_t>(count);
        length -= static_cast<std::size_t>(count);
    }
}

} // namespace mercator::plugin
