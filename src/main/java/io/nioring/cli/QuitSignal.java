package io.nioring.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Checks whether attaching would end a process: one that has no attach socket yet is sent SIGQUIT,
 * whose default action ends the process. Newer JDKs check this themselves, JDK 17 does not.
 */
final class QuitSignal {
  private static final String CAUGHT = "SigCgt:";
  private static final int SIGQUIT = 3;

  private QuitSignal() {}

  /**
   * Checks how a process handles the signal.
   *
   * @param pid the process
   * @return false also if that is not known: without {@code /proc}, or if there is no such process
   */
  static boolean wouldEnd(String pid) {
    try {
      return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
              .filter(line -> line.startsWith(CAUGHT))
              .anyMatch(line -> !isCaught(line.substring(CAUGHT.length()).strip()))
          && !hasSocket(pid);
    } catch (IOException e) {
      return false;
    }
  }

  /** The mask of proc(5) is hexadecimal and begins with signal 1. */
  static boolean isCaught(String mask) {
    return (Long.parseUnsignedLong(mask, 16) >>> (SIGQUIT - 1) & 1) != 0;
  }

  /**
   * A JVM with {@code -Xrs} catches no signal, and makes the socket when it starts. The file alone
   * proves nothing: an earlier process with this ID may have left it.
   */
  private static boolean hasSocket(String pid) throws IOException {
    String socket = "/tmp/.java_pid" + pid;
    return Files.exists(Path.of(socket))
        && Files.readAllLines(Path.of("/proc", pid, "net", "unix")).stream()
            .anyMatch(line -> line.endsWith(socket) || line.endsWith(socket + ".tmp"));
  }
}
