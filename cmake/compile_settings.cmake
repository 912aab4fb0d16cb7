# SPDX-License-Identifier: MIT
# Writes <build>/compile_settings.json: how a consumer's file is compiled in this build. The compile-fail
# and the consumer tests read it.
set(includes "$<TARGET_PROPERTY:mercator,INTERFACE_INCLUDE_DIRECTORIES>")
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/compile_settings.json CONTENT
"{
    \"compiler\": \"${CMAKE_CXX_COMPILER}\",
    \"compiler_id\": \"${CMAKE_CXX_COMPILER_ID}\",
    \"build_type\": \"${CMAKE_BUILD_TYPE}\",
    \"sanitizers\": \"${MERCATOR_SANITIZERS}\",
    \"source_dir\": \"${PROJECT_SOURCE_DIR}\",
    \"build_dir\": \"${PROJECT_BINARY_DIR}\",
    \"includes\": [\"$<JOIN:${includes},\", \">\"]
}
")
