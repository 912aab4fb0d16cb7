// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/plugin/abi.h>
#include <mercator/session/database.hpp>
#include <mercator/support/export.hpp>

#include <memory>
#include <string>

namespace mercator {

/// The models of an application as a shared library of their own, so that other programs can work
/// with them without being built with them: above all the command `mercator` (create, inspect,
/// draw, shell). In one source file of the library:
///
///     MERCATOR_MODELS(User, Address, Category, Product)
///
/// and in CMake `add_library(shop_models SHARED models.cpp)`, linked with mercator::mercator. It is
/// opened through the door that dialects come through, with the same checks: built alike, owned by
/// someone to be trusted.
class MERCATOR_API ModelLibrary {
public:
    virtual ~ModelLibrary();
    /// Makes the classes known to the database; nothing is created there. MappingError for a model
    /// that is wrong.
    virtual void add_to(Database& database) const = 0;
};

/// What MERCATOR_MODELS makes of a list of classes.
template <class... Models>
class ModelsOf final : public ModelLibrary {
public:
    void add_to(Database& database) const override { database.map<Models...>(); }
};

/// Opens a library of models; it stays open until the process ends. A relative path leads from the
/// working folder. PluginError says what is wrong with the file. Any thread.
[[nodiscard]] MERCATOR_API std::unique_ptr<ModelLibrary> open_models(const std::string& path);

} // namespace mercator

/// Exports classes from a shared library; once per library, at global scope.
#define MERCATOR_MODELS(...)                                                                       \
    static void* mercator_create_models() {                                                        \
        return static_cast<mercator::ModelLibrary*>(new mercator::ModelsOf<__VA_ARGS__>);          \
    }                                                                                              \
    MERCATOR_DEFINE_PLUGIN("models", "models", "1", "models", mercator_create_models)
