// SPDX-License-Identifier: MIT
#pragma once

#include <mercator/dialect/creation.hpp>
#include <mercator/schema/metadata.hpp>
#include <mercator/support/listener.hpp>

#include <vector>

namespace mercator {

class Connection;

/// Runs the statements in a transaction, and tells listeners of it and of each table.
void run_schema(Connection& connection, const ListenerRegistry& listeners, const MetaData& metadata,
                const std::vector<SchemaStep>& steps, bool creates);

} // namespace mercator
