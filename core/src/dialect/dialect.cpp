// SPDX-License-Identifier: MIT
#include <mercator/dialect/dialect.hpp>

namespace mercator {

Dialect::~Dialect() = default;

bool Dialect::shares_database(const Url& /*url*/) const {
    return true;
}

Url Dialect::located(const Url& url, const std::string& /*base*/) const {
    return url;
}

inline namespace abi1 {

const DialectInfo& dialect_info(const Dialect& dialect) {
    const Capabilities& can = dialect.capabilities();
    DialectInfo facts;
    facts.name = dialect.name();
    facts.product = can.product;
    facts.version = can.version;
    facts.uuid_type = can.uuid_type;
    facts.json_type = can.json_type;
    facts.array_type = can.array_type;
    facts.nul_in_text = can.nul_in_text;
    return numbered_dialect(facts);
}

} // namespace abi1

} // namespace mercator
