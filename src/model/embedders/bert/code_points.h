// model/embedders/bert/code_points.h: what Hugging Face's tokenizer for BERT takes a code point for. Its
// tables are those of Unicode 8: what later versions added is neither removed nor split off, and a tokenizer
// that is to give the same tokens has to know the same characters.
#pragma once

#include <cstdint>

namespace weir::model::bert {

using CodePoint = std::int32_t;

bool is_removed(CodePoint c);      // U+0000, U+FFFD, controls, formats, private use
bool is_blank(CodePoint c);        // ends a word
bool is_punctuation(CodePoint c);  // a word of its own: Unicode's P, and all of ASCII's marks
bool is_accent(CodePoint c);       // Mn
bool is_chinese(CodePoint c);      // the blocks of ideographs

}  // namespace weir::model::bert
