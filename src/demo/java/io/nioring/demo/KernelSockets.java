package io.nioring.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Counts the TCP sockets that this process holds in the kernel, and remembers the highest count.
 *
 * <p>On Linux each socket among {@code /proc/self/fd} is a link to {@code socket:[inode]}, and
 * {@code /proc/self/net/tcp} lists the inodes of TCP sockets (proc(5)). Elsewhere there is no
 * count.
 */
final class KernelSockets {
  /** The count where the operating system tells none. */
  static final int UNKNOWN = -1;

  private static final Path OWN_DESCRIPTORS = Path.of("/proc/self/fd");
  private static final List<Path> TCP_TABLES =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
  private static final int INODE_COLUMN = 9;

  private static final long COUNT_EVERY_MILLIS = 50;

  private int highest = UNKNOWN;

  /** Starts a thread that counts again and again until it is interrupted. */
  Thread startCounting() {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  count();
                  Thread.sleep(COUNT_EVERY_MILLIS);
                }
              } catch (InterruptedException e) {
                return;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "kernel-socket-counter");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Counts now. */
  synchronized void count() throws IOException {
    if (!Files.isReadable(TCP_TABLES.get(0))) {
      return;
    }
    Set<String> tcpSockets = new HashSet<>();
    for (Path table : TCP_TABLES) {
      if (Files.exists(table)) {
        Files.readAllLines(table).stream()
            .skip(1)
            .map(line -> line.trim().split("\\s+", -1)[INODE_COLUMN])
            .forEach(inode -> tcpSockets.add("socket:[" + inode + "]"));
      }
    }
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OWN_DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        if (tcpSockets.contains(target(descriptor))) {
          count++;
        }
      }
    }
    highest = Math.max(highest, count);
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return "closed meanwhile";
    }
  }

  /** The highest count so far, or {@link #UNKNOWN}. */
  synchronized int highest() {
    return highest;
  }
}
