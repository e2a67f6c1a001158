/* The constants of a manifest as an ELF note of the library, which hosts read before they load it: a library that does
 * not fit this program is rejected before its code runs. Libraries without a note are checked by their entry alone.
 *
 * The note has the owner "bisque" and type 1. Its description is a list of texts that end with a zero byte, KEY=VALUE;
 * the first is abi=NUMBER, and readers ignore keys that they do not know. `readelf -n LIBRARY` shows it. */
#ifndef BISQUE_CORE_PLUGIN_NOTE_H
#define BISQUE_CORE_PLUGIN_NOTE_H
#include <bisque/core/plugin/abi.h>

#define BISQUE_PLUGIN_NOTE_OWNER "bisque"
#define BISQUE_PLUGIN_NOTE_TYPE 1

#define BISQUE_TEXT_OF(macro) BISQUE_TEXT_OF_VALUE(macro)
#define BISQUE_TEXT_OF_VALUE(value) #value

/* At file scope, once per library. Arguments are string literals: `torch_target` and `torch_built` are "2.15.0" or
 * "0x020a000000000000", `core_abi` and `cuda_archs` are as in BisqueManifest, "" for none. */
#define BISQUE_PLUGIN_NOTE(name, version, torch_target, torch_built, core_abi, cuda_archs) \
  __asm__(                                                                                                 \
      ".pushsection .note.bisque.plugin,\"a\",%note\n.balign 4\n"                                          \
      ".long 7, 2f - 1f, " BISQUE_TEXT_OF(BISQUE_PLUGIN_NOTE_TYPE) "\n"                                    \
      ".asciz \"" BISQUE_PLUGIN_NOTE_OWNER "\"\n.balign 4\n1:\n"                                           \
      ".asciz \"abi=" BISQUE_TEXT_OF(BISQUE_PLUGIN_ABI) "\"\n"                                             \
      ".asciz \"name=" name "\"\n.asciz \"version=" version "\"\n"                                         \
      ".asciz \"torch_target=" torch_target "\"\n.asciz \"torch_built=" torch_built "\"\n"                 \
      ".asciz \"core_abi=" core_abi "\"\n.asciz \"cuda_archs=" cuda_archs "\"\n"                           \
      "2:\n.balign 4\n.popsection\n")

#endif
