// app/documents/html_nesting.h: how deep the elements of HTML nest, known before a tree is built. Pure.
//
// gumbo searches its stack of open elements for every tag and frees its tree by recursion, so that depth
// without end costs quadratic time and then the stack. What is counted here is never less than what
// gumbo opens: an end tag counts only when it closes the element that was opened last.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::app {

// Linear in the size of `html`. May be more than the true depth where end tags are missing or crossed.
std::size_t html_nesting(std::string_view html);

}  // namespace weir::app
