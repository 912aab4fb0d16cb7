// SPDX-License-Identifier: MIT
#include <mercator/engine/dialect_registry.hpp>

#include <nlohmann/json.hpp>

namespace mercator {

namespace {

// Keeps the members in the order in which people read them.
using Json = nlohmann::ordered_json;

const char* text_of(ast::BatchForm form) {
    switch (form) {
    case ast::BatchForm::Single:
        return "single";
    case ast::BatchForm::MultiRow:
        return "multi_row";
    case ast::BatchForm::Arrays:
        return "arrays";
    }
    return "";
}

/// A member that is missing here fails a test, which compares with the header.
Json to_json_object(const Capabilities& can) {
#define MERCATOR_MEMBER(name)                                                                      \
    { #name, can.name }
#define MERCATOR_FORM(name)                                                                        \
    { #name, text_of(can.name) }
    return Json{MERCATOR_MEMBER(product),
                MERCATOR_MEMBER(version),
                MERCATOR_MEMBER(insert_returning),
                MERCATOR_MEMBER(update_returning),
                MERCATOR_MEMBER(delete_returning),
                MERCATOR_MEMBER(common_table_expressions),
                MERCATOR_MEMBER(window_functions),
                MERCATOR_MEMBER(right_join),
                MERCATOR_MEMBER(full_join),
                MERCATOR_MEMBER(nulls_ordering),
                MERCATOR_MEMBER(check_constraints),
                MERCATOR_MEMBER(alter_constraints),
                MERCATOR_MEMBER(transactional_ddl),
                MERCATOR_MEMBER(deferrable_foreign_keys),
                MERCATOR_MEMBER(nan),
                MERCATOR_MEMBER(infinity),
                MERCATOR_MEMBER(negative_zero),
                MERCATOR_MEMBER(nul_in_text),
                MERCATOR_MEMBER(case_sensitive_text),
                MERCATOR_MEMBER(trailing_blanks),
                MERCATOR_MEMBER(update_counts_matched_rows),
                MERCATOR_MEMBER(multiple_connections),
                MERCATOR_MEMBER(fractional_seconds),
                MERCATOR_MEMBER(expression_defaults),
                MERCATOR_MEMBER(uuid_type),
                MERCATOR_MEMBER(json_type),
                MERCATOR_MEMBER(json_functions),
                MERCATOR_MEMBER(stored_columns),
                MERCATOR_MEMBER(virtual_columns),
                MERCATOR_MEMBER(array_type),
                MERCATOR_MEMBER(sequences),
                MERCATOR_MEMBER(comments),
                MERCATOR_MEMBER(partial_indexes),
                MERCATOR_MEMBER(descending_indexes),
                MERCATOR_MEMBER(read_uncommitted),
                MERCATOR_MEMBER(read_committed),
                MERCATOR_MEMBER(repeatable_read),
                MERCATOR_MEMBER(serializable),
                MERCATOR_MEMBER(pipeline),
                MERCATOR_MEMBER(restrict_action),
                MERCATOR_FORM(insert_batch),
                MERCATOR_FORM(update_batch),
                MERCATOR_FORM(delete_batch),
                MERCATOR_MEMBER(insert_batch_rows),
                MERCATOR_MEMBER(update_batch_rows),
                MERCATOR_MEMBER(delete_batch_rows),
                MERCATOR_MEMBER(max_binds),
                MERCATOR_MEMBER(max_identifier_length),
                MERCATOR_MEMBER(max_value_bytes)};
#undef MERCATOR_FORM
#undef MERCATOR_MEMBER
}

Json to_json_object(const DialectListing& info) {
    Json object{{"name", info.name},     {"version", info.version},   {"schemes", info.schemes},
                {"path", info.path},     {"built_in", info.built_in}, {"problem", info.problem},
                {"remark", info.remark}, {"capabilities", nullptr}};
    if (info.capabilities) object["capabilities"] = to_json_object(*info.capabilities);
    return object;
}

} // namespace

std::string to_json_text(const std::vector<DialectListing>& dialects) {
    Json list = Json::array();
    for (const DialectListing& info : dialects) list.push_back(to_json_object(info));
    // A path may hold bytes that are no UTF-8; one such file must not hide the others.
    return list.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace mercator
