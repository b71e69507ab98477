// app/retrieval/selection.h: from ranked chunks to the passages of a prompt. Pure.
#pragma once

#include <vector>

#include "app/retrieval/retriever.h"
#include "data/documents.h"

namespace weir::app {

// Keeps the order of `ranked`; drops passages that repeat an earlier one almost word for word, and ends
// at passages_max or before context_chars_max code points are exceeded (the first passage is always kept).
std::vector<data::FoundChunk> select_passages(std::vector<data::FoundChunk> ranked, const RetrievalConfig& config);

// Jaccard similarity of the sets of three-word sequences; 1 for equal texts.
double shingle_similarity(std::string_view a, std::string_view b);

}  // namespace weir::app
