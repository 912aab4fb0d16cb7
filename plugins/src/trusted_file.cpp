// SPDX-License-Identifier: MIT
#include "trusted_file.hpp"

#include "search_path.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace mercator::plugin {

namespace {

std::string system_message(int error) {
    return std::generic_category().message(error);
}

struct stat status_of(const std::filesystem::path& path, std::string_view what) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        throw Refusal(std::string(what) + " cannot be examined: " + system_message(errno));
    }
    return status;
}

/// Whoever owns libmercator could change that as well, so nothing is gained by distrusting them: in
/// a container the whole tree often belongs to somebody who is not the user who runs it.
bool is_trusted_owner(uid_t owner) {
    static const uid_t owner_of_us = [] {
        struct stat status {};
        return ::stat(own_library().c_str(), &status) == 0 ? status.st_uid : ::geteuid();
    }();
    return owner == 0 || owner == ::geteuid() || owner == owner_of_us;
}

/// `what` begins the sentence.
void refuse_stranger(const struct stat& status, const std::string& what) {
    if (!is_trusted_owner(status.st_uid)) {
        throw Refusal(what + "belongs to user " + std::to_string(status.st_uid) +
                      ", who is neither root nor the user who runs this program nor the owner of "
                      "libmercator (use chown)");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        throw Refusal(what + "is writable for everybody (use chmod o-w)");
    }
}

/// Whoever may replace what lies in such a folder has libmercator in their hands already.
bool holds_libmercator(const std::filesystem::path& folder) {
    return own_library().string().starts_with(folder.string() + '/');
}

/// In a folder that everybody may write to, everybody may put another folder in place of the next,
/// unless its sticky bit keeps that to the owner.
void refuse_open_ancestors(const std::filesystem::path& folder) {
    for (auto above = folder; above.has_relative_path();) {
        above = above.parent_path();
        if (holds_libmercator(above)) return;
        const auto mode = status_of(above, "the folder " + above.string()).st_mode;
        if ((mode & S_IWOTH) != 0 && (mode & S_ISVTX) == 0) {
            throw Refusal("the folder " + above.string() +
                          " above it is writable for everybody (use chmod o-w)");
        }
    }
}

void refuse_open_folder(const std::filesystem::path& folder) {
    refuse_stranger(status_of(folder, "its folder"), "its folder " + folder.string() + ' ');
    refuse_open_ancestors(folder);
}

} // namespace

TrustedFile::TrustedFile(const std::filesystem::path& path, Trust trust)
    // Non-blocking, so that a pipe of that name is refused and does not wait for a writer.
    :
    descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (descriptor_ < 0) {
        throw Refusal(system_message(errno));
    }
    try {
        check(path, trust);
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

TrustedFile::~TrustedFile() {
    ::close(descriptor_);
}

void TrustedFile::check(const std::filesystem::path& path, Trust trust) {
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
    size_ = static_cast<std::uint64_t>(status.st_size);
    identity_ = {status.st_dev, status.st_ino};
    if (trust == Trust::Ignore) {
        return;
    }
    refuse_stranger(status, "");
    refuse_open_folder(path.parent_path());
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    if (error) {
        throw Refusal(error.message());
    }
    refuse_open_folder(real.parent_path());
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
