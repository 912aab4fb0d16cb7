// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mercator::command {

/// The words that a beginning can become.
using Completer = std::function<std::vector<std::string>(std::string_view beginning)>;

/// Reads lines: from a terminal with editing, history (kept in a file of the user) and completion
/// by the tab key; from anything else as they come, without a prompt, so that scripts can be piped
/// in. One at a time in a process.
class LineEditor {
public:
    explicit LineEditor(Completer completer);
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;
    ~LineEditor();

    [[nodiscard]] bool is_interactive() const noexcept { return interactive_; }
    /// The next line without its end, or nothing at the end of the input.
    [[nodiscard]] std::optional<std::string> read(const std::string& prompt);
    /// A whole entry, to be found again by the arrow keys.
    void remember(const std::string& entry);

private:
    bool interactive_;
    std::string history_file_; ///< empty: none can be kept
};

} // namespace mercator::command
