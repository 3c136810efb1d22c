package io.nioring.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The TCP sockets that a process has in the kernel, by proc(5). */
final class KernelTable {
  private static final String ESTABLISHED = "01";

  /** The begin of an IPv4 address in the table of IPv6: its words are in the order of the host. */
  private static final String MAPPED = "0000000000000000FFFF0000";

  /**
   * A socket.
   *
   * @param local its address and port as the kernel writes them
   * @param remote those of its peer
   */
  record Socket(String local, String remote) {
    /** The port of the local address. */
    int port() {
      return Integer.parseInt(local.substring(local.indexOf(':') + 1), 16);
    }
  }

  private KernelTable() {}

  /** The established sockets; null if the system does not show them. */
  private static List<Socket> established(String pid) {
    try {
      Set<String> inodes = inodes(Path.of("/proc", pid, "fd"));
      List<Socket> sockets = new ArrayList<>();
      for (String table : List.of("tcp", "tcp6")) {
        Path path = Path.of("/proc", pid, "net", table);
        if (Files.exists(path)) {
          for (String line : Files.readAllLines(path)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 9 && words[3].equals(ESTABLISHED) && inodes.contains(words[9])) {
              sockets.add(new Socket(unmapped(words[1]), unmapped(words[2])));
            }
          }
        }
      }
      return sockets;
    } catch (IOException | UncheckedIOException e) {
      return null;
    }
  }

  /** An IPv4 address as the table of IPv4 has it, also if the socket is one of IPv6. */
  private static String unmapped(String address) {
    return address.startsWith(MAPPED) ? address.substring(MAPPED.length()) : address;
  }

  /**
   * The established sockets of a process whose peer is not a socket of this JVM, which asks it by
   * JMX; null if the system does not show them.
   */
  static List<Socket> establishedWithOthers(String pid) {
    Set<String> own = peersOfOwn(); // before too: one may be closed meanwhile
    List<Socket> sockets = established(pid);
    own.addAll(peersOfOwn());
    return sockets == null
        ? null
        : sockets.stream()
            .filter(each -> !own.contains(each.local() + ' ' + each.remote()))
            .toList();
  }

  /** The two addresses of each socket of this JVM, as its peer has them. */
  private static Set<String> peersOfOwn() {
    List<Socket> own = established("self");
    Set<String> ends = new HashSet<>();
    (own == null ? List.<Socket>of() : own)
        .forEach(each -> ends.add(each.remote() + ' ' + each.local()));
    return ends;
  }

  private static Set<String> inodes(Path descriptors) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> all = Files.list(descriptors)) {
      for (Path each : all.toList()) {
        try {
          String target = Files.readSymbolicLink(each).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring(8, target.length() - 1));
          }
        } catch (IOException e) {
          // It was closed meanwhile.
        }
      }
    }
    return inodes;
  }

  /** The sockets whose peer is another one of the same process: both could be on a ring. */
  static List<Socket> withBothEnds(List<Socket> sockets) {
    Set<String> ends = new HashSet<>();
    sockets.forEach(each -> ends.add(each.local() + ' ' + each.remote()));
    return sockets.stream()
        .filter(each -> ends.contains(each.remote() + ' ' + each.local()))
        .toList();
  }
}
