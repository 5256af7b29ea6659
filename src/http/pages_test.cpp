#include "http/pages.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "http/api.h"
#include "json/reader.h"

#include "http/api_test_support.h"

namespace heare::http {
namespace {

using testing::ApiTest;
using Methods = std::set<std::string>;

/// What OpenAPI 3.1 has names for.
const Methods kAllMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"};

/// Those of an Allow field, or all where any will do.
Methods methods_of(std::string_view allowed) {
  if (allowed.empty()) return kAllMethods;
  Methods methods;
  while (!allowed.empty()) {
    const size_t end = std::min(allowed.find(", "), allowed.size());
    methods.emplace(allowed.substr(0, end));
    allowed.remove_prefix(std::min(end + 2, allowed.size()));
  }
  return methods;
}

TEST(Pages, DescriptionHasThePathsAndMethodsOfTheRouter) {
  std::map<std::string, Methods> routed;
  for (const Api::Route& route : Api::routes()) routed.emplace(route.path, methods_of(route.allowed));
  // The router takes it for /auth.
  routed.emplace("/auth/{rest}", kAllMethods);

  json::Reader reader;
  const auto description = reader.read(openapi_json());
  ASSERT_TRUE(description) << description.error().message;
  std::map<std::string, Methods> described;
  std::string scratch;
  for (json::Value item = description->find("paths").first(); item; item = item.next()) {
    Methods& methods = described[std::string(item.name().text(scratch))];
    for (json::Value operation = item.first(); operation; operation = operation.next()) {
      std::string method(operation.name().text(scratch));
      std::ranges::transform(method, method.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
      if (method != "PARAMETERS") methods.insert(method);
    }
  }
  EXPECT_EQ(described, routed);
}

TEST(Pages, NoMarkOfTheirSourcesIsLeft) {
  for (const std::string_view page : {openapi_json(), docs_html()}) {
    for (const std::string_view mark : {"@PROJECT_VERSION@", "@HASH_OF_"}) {
      EXPECT_EQ(page.find(mark), std::string_view::npos) << mark;
    }
  }
}

TEST_F(ApiTest, PagesAreServedWithoutACopy) {
  const Response& description = ask("GET", "/openapi.json");
  EXPECT_EQ(description.status, 200);
  EXPECT_EQ(description.content_type, "application/json");
  EXPECT_EQ(description.page.data(), openapi_json().data());
  EXPECT_EQ(description.body, "");

  const Response& page = ask("GET", "/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.page.data(), docs_html().data());
  EXPECT_EQ(page.body, "");

  EXPECT_EQ(ask("GET", "/health").page, "");
}

}  // namespace
}  // namespace heare::http
