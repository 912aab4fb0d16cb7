// SPDX-License-Identifier: MIT
#pragma once

#include "trusted_file.hpp"

#include <cstdint>
#include <filesystem>
#include <link.h>
#include <vector>

namespace mercator::plugin {

/// A complete shared library for this machine, read with plain reads: every header, segment and
/// section lies inside the file, so that opening it as a library cannot touch a page behind its
/// end. The constructor throws `Refusal`.
class ElfFile {
public:
    using FileHeader = ElfW(Ehdr);
    using SegmentHeader = ElfW(Phdr);

    explicit ElfFile(const std::filesystem::path& path, Trust trust = Trust::Required);

    [[nodiscard]] const TrustedFile& file() const noexcept { return file_; }
    [[nodiscard]] const FileHeader& header() const noexcept { return header_; }
    [[nodiscard]] const std::vector<SegmentHeader>& segments() const noexcept { return segments_; }

private:
    TrustedFile file_;
    FileHeader header_;
    std::vector<SegmentHeader> segments_;
};

} // namespace mercator::plugin
