// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
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

/// Whether it matters who could have written the file.
enum class Trust { Required, Ignore };

/// One file, whatever its names.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

/// A regular file open for reading that no stranger could have put there or changed. It and its
/// folder belong to root, to the user who runs the program, or to whoever owns libmercator itself,
/// and are not writable for everybody; no folder above lets everybody put another in their place.
/// That holds for the name given and, if it is a link, for the file it leads to. The constructor
/// throws `Refusal`.
class TrustedFile {
public:
    explicit TrustedFile(const std::filesystem::path& path, Trust trust = Trust::Required);
    TrustedFile(const TrustedFile&) = delete;
    TrustedFile& operator=(const TrustedFile&) = delete;
    ~TrustedFile();

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] FileIdentity identity() const noexcept { return identity_; }

    /// Whether the bytes lie inside the file; safe against overflow.
    [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t length) const noexcept {
        return offset <= size_ && length <= size_ - offset;
    }

    /// Fills `to` completely or throws `Refusal`.
    void read(std::uint64_t offset, void* to, std::size_t length) const;

private:
    void check(const std::filesystem::path& path, Trust trust);

    int descriptor_;
    std::uint64_t size_ = 0;
    FileIdentity identity_;
};

} // namespace mercator::plugin
