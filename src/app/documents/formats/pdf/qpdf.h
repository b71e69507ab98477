// app/documents/formats/pdf/qpdf.h: qpdf's headers as C++23 takes them.
#pragma once

#define POINTERHOLDER_TRANSITION 4  // without its old pointers

// qpdf/JSON.hh 11.3 destroys a vector of a class within that class, which C++20's constexpr vector does
// not compile. Its class is only named by the declarations of functions that are not called here.
#define JSON_HH
class JSON;

#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjGen.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
