// Ends the program cleanly on a signal.
#pragma once

namespace bisque::cli {

/// Makes SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and SIGXCPU remove unfinished files and end ffmpeg before they end
/// the program, whatever it waits for; a second signal of the same kind ends it at once. A signal that was ignored at
/// the start of the program stays ignored. A file over the size limit (SIGXFSZ) becomes an error of the write.
void handle_signals();

/// Opens those of the descriptors 0, 1 and 2 that are closed, so that no file gets one of their numbers. Reading from
/// such an input, and writing to such an output, still fails.
void open_standard_streams();

}  // namespace bisque::cli
