// SPDX-License-Identifier: MIT
#include "search_path.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <system_error>
#include <utility>

namespace mercator::plugin {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view file_prefix = "libmercator_";
constexpr std::string_view file_suffix = ".so";

/// secure_getenv: a set-uid program must not load code that its caller chose.
std::string_view environment_path() {
    const char* value = ::secure_getenv("MERCATOR_DIALECT_PATH");
    return value != nullptr ? value : "";
}

void append_unless_there(std::vector<fs::path>& folders, fs::path folder) {
    if (std::ranges::find(folders, folder) == folders.end()) {
        folders.push_back(std::move(folder));
    }
}

} // namespace

/// The linker knows the main program by the text it was called with, or by nothing at all, so that
/// case asks the kernel.
fs::path own_library() {
    static const char anchor = 0;
    Dl_info info{};
    void* map = nullptr;
    std::error_code error;
    fs::path file;
    if (::dladdr1(&anchor, &info, &map, RTLD_DL_LINKMAP) != 0 && map != nullptr) {
        file = static_cast<const link_map*>(map)->l_name;
    }
    if (file.empty()) {
        file = "/proc/self/exe";
    }
    file = fs::canonical(file, error);
    return error ? fs::path() : file;
}

void SearchPath::append(const fs::path& folder) {
    if (folder.empty()) {
        return;
    }
    if (!folder.is_absolute()) {
        append_unless_there(relative_, folder);
        return;
    }
    fs::path normal = folder.lexically_normal();
    if (normal.has_relative_path() && !normal.has_filename()) {
        normal = normal.parent_path();
    }
    append_unless_there(folders_, std::move(normal));
}

SearchPath standard_folders() {
    SearchPath folders;
    std::string_view rest = environment_path();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        folders.append(fs::path(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (const fs::path own = own_library().parent_path(); !own.empty()) {
        folders.append(own);
        folders.append(own / "dialects");
        folders.append(own / "mercator" / "dialects");
    }
#ifdef MERCATOR_INSTALL_DIALECT_DIR
    folders.append(MERCATOR_INSTALL_DIALECT_DIR);
#endif
    return folders;
}

std::string plugin_file_name(std::string_view scheme) {
    return std::string(file_prefix).append(scheme).append(file_suffix);
}

std::vector<fs::path> plugin_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(file_prefix) && name.ends_with(file_suffix)) {
            files.push_back(entry->path());
        }
    }
    std::ranges::sort(files);
    return files;
}

} // namespace mercator::plugin
