// SPDX-License-Identifier: MIT
#include <mercator/session/model_library.hpp>

#include <mercator/plugin/load_error.hpp>
#include <mercator/plugin/loader.hpp>
#include <mercator/support/error.hpp>

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <string_view>

namespace mercator {
namespace {

constexpr std::string_view models_kind = "models";

std::unique_ptr<ModelLibrary> opened(const std::filesystem::path& path) {
    // Only this file: what lies in the standard folders is of no interest.
    plugin::Loader loader({}, plugin::StandardFolders::Ignore);
    const MercatorPluginDescriptor& descriptor = loader.load_file(path);
    if (descriptor.kind != models_kind) {
        throw PluginError(
            fmt::format("{} is a plugin of kind \"{}\" and has no models; a library of models has "
                        "the line MERCATOR_MODELS(...) in one of its sources",
                        path.string(), descriptor.kind),
            path.string());
    }
    return std::unique_ptr<ModelLibrary>(static_cast<ModelLibrary*>(descriptor.create()));
}

} // namespace

ModelLibrary::~ModelLibrary() = default;

std::unique_ptr<ModelLibrary> open_models(const std::string& path) {
    try {
        return opened(std::filesystem::absolute(path));
    } catch (const plugin::LoadError& error) {
        std::throw_with_nested(
            PluginError(fmt::format("{}\n  a library of models is a shared library with the line "
                                    "MERCATOR_MODELS(User, ...) in one of its sources",
                                    error.what()),
                        path));
    }
}

} // namespace mercator
