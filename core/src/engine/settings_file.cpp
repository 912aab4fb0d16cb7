// SPDX-License-Identifier: MIT
#include "setting.hpp"

#include <mercator/support/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mercator {
namespace {

using Settings = std::map<std::string, std::string>;
using Json = nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
    throw ArgumentError(fmt::format("the configuration file '{}' {}", file.string(), what),
                        file.string());
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) refuse(file, "cannot be read, or is empty");
    return std::move(text).str();
}

// Messages of the parsers quote the text, which may be a password: only the place is told.

Json parse_json(const std::filesystem::path& file) {
    try {
        return Json::parse(content_of(file));
    } catch (const Json::parse_error& error) {
        refuse(file, fmt::format("is not JSON: see byte {}", error.byte));
    } catch (const Json::out_of_range&) {
        refuse(file, "has a number that is too large");
    }
}

Json from_toml(const toml::node& node);

template <class Container>
Json all_of(const Container& container) {
    Json result;
    if constexpr (std::is_same_v<Container, toml::array>) {
        result = Json::array();
        for (const toml::node& item : container) result.push_back(from_toml(item));
    } else {
        result = Json::object();
        for (const auto& [key, item] : container) result[std::string(key.str())] = from_toml(item);
    }
    return result;
}

Json from_toml(const toml::node& node) {
    if (const auto* table = node.as_table()) return all_of(*table);
    if (const auto* array = node.as_array()) return all_of(*array);
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    return nullptr; // dates and fractions: nothing of ours
}

Json parse_toml(const std::filesystem::path& file) {
    try {
        return from_toml(toml::parse(content_of(file)));
    } catch (const toml::parse_error& error) {
        const auto& place = error.source().begin;
        refuse(file, fmt::format("is not TOML: see line {}, column {}", place.line, place.column));
    }
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        plain ? void(out += c) : void(out += fmt::format("%{:02X}", static_cast<unsigned char>(c)));
    }
    return out;
}

std::string variable(const std::string& name, const std::string& key) {
    const char* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): read only
    if (value == nullptr)
        throw ArgumentError(
            fmt::format("{} refers to the environment variable {}, which is not set", key, name),
            key);
    return key == "uri" || key.starts_with("binds.") ? percent_encoded(value) : value;
}

std::string expanded(std::string_view text, const std::string& key) {
    std::string out;
    while (!text.empty()) {
        const auto dollar = std::min(text.find('$'), text.size());
        out += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.empty()) break;
        if (text.starts_with("$$")) {
            out += '$';
            text.remove_prefix(2);
            continue;
        }
        const auto close = text.find('}');
        if (!text.starts_with("${") || close == std::string_view::npos)
            throw ArgumentError(
                fmt::format("a '$' in {} is not followed by {{NAME}}; a dollar sign is written $$",
                            key),
                key);
        out += variable(std::string(text.substr(2, close - 2)), key);
        text.remove_prefix(close + 1);
    }
    return out;
}

class Reader {
public:
    Reader(const std::filesystem::path& file, const ConfigFileOptions& options) :
        file_(file),
        options_(options) {}

    [[nodiscard]] Settings read(const Json& section) const {
        Settings settings;
        for (const auto& [key, value] : section.items()) {
            if (!value.is_object()) {
                settings[key] = path_or_text(key, text_of(value, key));
            } else if (key == "connect_args" || key == "binds") {
                for (const auto& [name, argument] : value.items())
                    settings[key + "." + name] = text_of(argument, key + "." + name);
            } else {
                refuse(file_, fmt::format("has an unknown table {}", key));
            }
        }
        return settings;
    }

private:
    [[nodiscard]] std::string text_of(const Json& value, const std::string& key) const {
        if (value.is_array()) {
            std::string joined;
            for (const Json& item : value)
                joined.append(joined.empty() ? "" : ":").append(single_text_of(item, key));
            return joined;
        }
        return single_text_of(value, key);
    }

    [[nodiscard]] std::string single_text_of(const Json& value, const std::string& key) const {
        if (value.is_string()) {
            const auto& text = value.get_ref<const std::string&>();
            return options_.expand_environment ? expanded(text, key) : text;
        }
        if (value.is_boolean() || value.is_number_integer()) return value.dump();
        throw ArgumentError(
            fmt::format("{} must be a text, a whole number, true, false or a list of texts", key),
            key);
    }

    // A file means the same wherever the program was started.
    [[nodiscard]] std::string path_or_text(const std::string& key, std::string text) const {
        if (text.empty() || (key != "base_directory" && key != "password_file")) return text;
        return (std::filesystem::absolute(file_).parent_path() / text).lexically_normal().string();
    }

    const std::filesystem::path& file_;
    const ConfigFileOptions& options_;
};

} // namespace

Settings read_settings_file(const std::filesystem::path& file, const ConfigFileOptions& options) {
    const Json whole = file.extension() == ".json" ? parse_json(file) : parse_toml(file);
    const Json* section = &whole;
    if (!options.section.empty() && whole.is_object()) {
        const auto found = whole.find(options.section);
        if (found == whole.end()) refuse(file, fmt::format("has no table [{}]", options.section));
        section = &*found;
    }
    if (!section->is_object()) refuse(file, "has a value where a table of settings belongs");
    return Reader(file, options).read(*section);
}

} // namespace mercator
