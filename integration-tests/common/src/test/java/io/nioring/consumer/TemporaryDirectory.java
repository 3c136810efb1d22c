package io.nioring.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for what a test writes, deleted with its content when the JVM exits. */
public final class TemporaryDirectory {
  private TemporaryDirectory() {}

  /** Makes a directory whose path is short, so that those of Unix sockets fit into it. */
  public static Path make() throws IOException {
    Path directory = Files.createTempDirectory("consumer");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
    return directory;
  }

  private static void delete(Path directory) {
    try {
      List<Path> contentFirst;
      try (Stream<Path> files = Files.walk(directory)) {
        contentFirst = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : contentFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + directory, e);
    }
  }
}
