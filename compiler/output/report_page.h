// report_page.h: the parts of the report's page, embedded from compiler/output/page/ when sbpc is built.
#pragma once

#include <string_view>

namespace sbpc::output {

extern const std::string_view kPageHtml;  // with @title@, @style@, @script@ and @data@ where these belong
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;  // reads the JSON report from the element with the id `data`

}  // namespace sbpc::output
