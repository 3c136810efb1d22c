package io.nioring.internal.select;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who has a UDP port, as the kernel tells it.
 *
 * @param ours sockets of this process, as lines of {@code /proc/net}
 * @param others sockets of other processes
 */
record PortHolders(List<String> ours, List<String> others) {
  private static final int INODE = 9;
  private static final int LOCAL = 1;

  /** Those that have a port now, at whatever address. */
  static PortHolders of(InetSocketAddress address) throws IOException {
    String port = String.format(Locale.ROOT, ":%04X", address.getPort());
    Set<String> own = ownInodes();
    PortHolders found = new PortHolders(new ArrayList<>(), new ArrayList<>());
    for (String table : List.of("/proc/net/udp", "/proc/net/udp6")) {
      for (String line : lines(Path.of(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields.length > INODE && fields[LOCAL].endsWith(port)) {
          (own.contains(fields[INODE]) ? found.ours : found.others).add(line.strip());
        }
      }
    }
    return found;
  }

  private static List<String> lines(Path table) throws IOException {
    return Files.exists(table) ? Files.readAllLines(table) : List.of();
  }

  private static Set<String> ownInodes() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .map(PortHolders::target)
          .filter(target -> target.startsWith("socket:["))
          .map(target -> target.substring("socket:[".length(), target.length() - 1))
          .collect(Collectors.toSet());
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }
}
