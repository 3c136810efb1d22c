package io.nioring.consumer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sockets that this process holds in the kernel, as proc(5) shows them.
 *
 * <p>Each socket among {@code /proc/self/fd} is a link to {@code socket:[inode]}; the tables in
 * {@code /proc/self/net} tell the state of each inode. Sockets that have no name (one that was
 * never bound, the JDK's own socket pairs) are left out: they connect nobody. So is the one where
 * the JVM listens for tools that attach, as another build on this machine may: it is not the
 * program's.
 */
final class KernelSockets {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path TABLES = Path.of("/proc/self/net");
  private static final String TCP_LISTENS = "0A";
  private static final String UNIX_UNCONNECTED = "01";
  private static final String ATTACH_LISTENER = "/.java_pid";

  private KernelSockets() {}

  /** A line for each socket that listens, or is about to, of either family. */
  static List<String> listening() {
    return own(true);
  }

  /** A line for each socket that is connected, or on its way to or from it, of either family. */
  static List<String> connected() {
    return own(false);
  }

  /** A line for each UDP socket that is bound. */
  static List<String> datagrams() {
    Map<String, String> all = new HashMap<>();
    readUdp("udp", all);
    readUdp("udp6", all);
    return own(all);
  }

  private static List<String> own(boolean listening) {
    Map<String, String> all = new HashMap<>();
    readTcp("tcp", listening, all);
    readTcp("tcp6", listening, all);
    readUnix(listening, all);
    return own(all);
  }

  private static List<String> own(Map<String, String> all) {
    List<String> own = new ArrayList<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        String socket = all.get(target(descriptor));
        if (socket != null) {
          own.add(socket);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return own;
  }

  /** Columns: slot, local, remote, state, queues, timer, retransmits, uid, timeouts, inode. */
  private static void readTcp(String table, boolean listening, Map<String, String> sockets) {
    for (String[] columns : read(table)) {
      if (columns[3].equals(TCP_LISTENS) == listening) {
        sockets.put("socket:[" + columns[9] + "]", String.join(" ", columns));
      }
    }
  }

  private static void readUdp(String table, Map<String, String> sockets) {
    for (String[] columns : read(table)) {
      sockets.put("socket:[" + columns[9] + "]", "udp " + columns[1] + " inode " + columns[9]);
    }
  }

  /**
   * Columns: slot, reference count, protocol, flags, type, state, inode, path. The flags tell who
   * listens, but a server between its bind and its listen has none yet: the state tells that nobody
   * is connected to either.
   */
  private static void readUnix(boolean listening, Map<String, String> sockets) {
    for (String[] columns : read("unix")) {
      boolean stream = columns[4].equals("0001");
      boolean listens = columns[5].equals(UNIX_UNCONNECTED);
      boolean named = columns.length > 7 && !columns[7].contains(ATTACH_LISTENER);
      if (named && stream && listens == listening) {
        sockets.put("socket:[" + columns[6] + "]", String.join(" ", columns));
      }
    }
  }

  private static List<String[]> read(String table) {
    try {
      return Files.readAllLines(TABLES.resolve(table)).stream()
          .skip(1)
          .map(line -> line.trim().split("\\s+"))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of(); // a kernel without this family
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException e) {
      return "closed meanwhile";
    }
  }
}
