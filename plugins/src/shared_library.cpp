// SPDX-License-Identifier: MIT
#include "shared_library.hpp"

#include "trusted_file.hpp"

#include <dlfcn.h>
#include <link.h>
#include <string>

namespace mercator::plugin {

SharedLibrary::SharedLibrary(const std::filesystem::path& path) :
    handle_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
    if (handle_ == nullptr) {
        const char* message = ::dlerror();
        throw Refusal(std::string("cannot be opened: ") +
                      (message != nullptr ? message : "unknown reason"));
    }
}

void* SharedLibrary::symbol(const char* name) const {
    void* address = ::dlsym(handle_, name);
    if (address == nullptr) {
        return nullptr;
    }
    // dlsym also searches dependencies, and a plugin may be built upon another plugin.
    link_map* own = nullptr;
    void* owner = nullptr;
    Dl_info info{};
    if (::dlinfo(handle_, RTLD_DI_LINKMAP, &own) != 0 ||
        ::dladdr1(address, &info, &owner, RTLD_DL_LINKMAP) == 0 || owner != own) {
        return nullptr;
    }
    return address;
}

} // namespace mercator::plugin
