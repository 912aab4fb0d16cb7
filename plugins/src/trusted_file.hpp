// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>

namespace mercator::plugin {

/// Why one file is not used. Travels only inside this room; the loader collects it per path.
class Refusal : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A regular file open for reading that no stranger could have put there or changed: neither it nor
/// its folder is writable for everybody. The constructor throws `Refusal`.
class TrustedFile {
public:
    explicit TrustedFile(const std::filesystem::path& path);
    TrustedFile(const TrustedFile&) = delete;
    TrustedFile& operator=(const TrustedFile&) = delete;
    ~TrustedFile();

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Whether the bytes lie inside the file; safe against overflow.
    [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t length) const noexcept {
        return offset <= size_ && length <= size_ - offset;
    }

    /// Fills `to` completely or throws `Refusal`.
    void read(std::uint64_t offset, void* to, std::size_t length) const;

private:
    void check(const std::filesystem::path& path);

    int descriptor_;
    std::uint64_t size_ = 0;
};

} // namespace mercator::plugin
