// SPDX-License-Identifier: MIT
#pragma once

/// Everything a program that uses Mercator needs.

#include <mercator/engine/config.hpp>
#include <mercator/engine/dialect_registry.hpp>
#include <mercator/engine/engine.hpp>
#include <mercator/engine/engine_events.hpp>
#include <mercator/engine/expect_statements.hpp>
#include <mercator/engine/pool_timeout.hpp>
#include <mercator/loading/chunked_stream.hpp>
#include <mercator/loading/column_option.hpp>
#include <mercator/loading/correlated.hpp>
#include <mercator/loading/hybrid.hpp>
#include <mercator/loading/orm_execution.hpp>
#include <mercator/loading/polymorphic.hpp>
#include <mercator/loading/query.hpp>
#include <mercator/loading/relationship_expression.hpp>
#include <mercator/loading/select.hpp>
#include <mercator/loading/table_insert.hpp>
#include <mercator/mapping/attribute.hpp>
#include <mercator/mapping/case.hpp>
#include <mercator/mapping/clone.hpp>
#include <mercator/mapping/composite.hpp>
#include <mercator/mapping/describe.hpp>
#include <mercator/mapping/expression.hpp>
#include <mercator/mapping/function.hpp>
#include <mercator/mapping/key_in.hpp>
#include <mercator/mapping/keyed_many.hpp>
#include <mercator/mapping/registry.hpp>
#include <mercator/mapping/related.hpp>
#include <mercator/mapping/represent.hpp>
#include <mercator/mapping/table_column.hpp>
#include <mercator/mapping/visit.hpp>
#include <mercator/schema/table.hpp>
#include <mercator/session/association_view.hpp>
#include <mercator/session/database.hpp>
#include <mercator/session/events.hpp>
#include <mercator/session/session.hpp>
#include <mercator/state/name.hpp>
#include <mercator/support/error.hpp>
#include <mercator/types/decimal.hpp>
#include <mercator/types/temporal.hpp>
#include <mercator/types/type_of.hpp>
