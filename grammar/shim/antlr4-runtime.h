// antlr4-runtime.h: stands in for the runtime's header of the same name, which clang 14 does not compile because of
// misc/InterpreterDataReader.h. Includes what the generated lexer and parser, and parse/parse.cpp, use of it, and the parser's base.
#pragma once

#include "antlr4-common.h"

#include "ANTLRErrorStrategy.h"
#include "ANTLRInputStream.h"
#include "CommonTokenStream.h"
#include "Exceptions.h"
#include "FailedPredicateException.h"
#include "InputMismatchException.h"
#include "Lexer.h"
#include "NoViableAltException.h"
#include "Parser.h"
#include "ParserRuleContext.h"
#include "RecognitionException.h"
#include "Token.h"
#include "TokenSource.h"
#include "TokenStream.h"
#include "Vocabulary.h"
#include "atn/ATN.h"
#include "atn/ATNDeserializer.h"
#include "atn/LexerATNSimulator.h"
#include "atn/ParserATNSimulator.h"
#include "atn/PredictionContext.h"
#include "dfa/DFA.h"
#include "misc/IntervalSet.h"
#include "support/CPPUtils.h"
#include "tree/ParseTreeListener.h"
#include "tree/TerminalNode.h"

#include "parser_base.h"
