// SPDX-License-Identifier: MIT
#pragma once

namespace sql::mysql {
class MySQL_Driver;
}

namespace mercator::mysql {

/// The connector's one driver object.
[[nodiscard]] sql::mysql::MySQL_Driver& connector();

/// Tells the client library about the calling thread, once; it is told of the thread's end by
/// itself.
void enter_thread();

} // namespace mercator::mysql
