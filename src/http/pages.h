#pragma once

#include <string_view>

/// What is served as it is. CMake makes the definitions of the files that lie here.
namespace heare::http {

/// openapi.json: the description of all calls, with the project's version.
std::string_view openapi_json();

/// docs.html: the page that shows it.
std::string_view docs_html();

}  // namespace heare::http
