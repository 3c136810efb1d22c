package io.nioring.internal.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Determines which of the kernel's listening TCP sockets an address leads to, from {@code
 * /proc/net/tcp} and {@code tcp6} (proc(5)), whose first lines are the listeners.
 *
 * <p>Without these files nothing is considered to listen outside. Thread-safe and stateless.
 */
public final class KernelListeners {
  private static final Path TABLES = Path.of("/proc/net");
  private static final String LISTEN = "0A";
  private static final int PORT_DIGITS = 4;
  private static final int WORD_BYTES = Integer.BYTES;
  private static final int IPV6_BYTES = 16;

  private final Path tables;

  /** Reads this machine's. */
  public KernelListeners() {
    this(TABLES);
  }

  /** For tests: reads another directory. */
  KernelListeners(Path tables) {
    this.tables = tables;
  }

  /**
   * How well a listening socket matches a connect: higher is better, 0 for no match.
   *
   * @param exact whether it is bound to exactly the address, and not to a wildcard
   * @param ownFamily whether it is a socket of the address's family: an IPv6 one takes IPv4
   *     connects only if no IPv4 one does
   */
  public static int rank(boolean exact, boolean ownFamily) {
    return (exact ? 3 : 1) + (ownFamily ? 1 : 0);
  }

  /** The {@link #rank} of the kernel's best listener for an address; 0 if there is none. */
  public int bestRank(InetSocketAddress address) {
    byte[] ip = address.getAddress().getAddress();
    int port = address.getPort();
    if (!(address.getAddress() instanceof Inet4Address)) {
      return bestRank("tcp6", port, ip, true);
    }
    return Math.max(bestRank("tcp", port, ip, true), bestRank("tcp6", port, mapped(ip), false));
  }

  private int bestRank(String table, int port, byte[] ip, boolean ownFamily) {
    String exact = place(ip, port);
    String wildcard = place(new byte[ip.length], port);
    int best = 0;
    try (BufferedReader lines =
        Files.newBufferedReader(tables.resolve(table), StandardCharsets.US_ASCII)) {
      lines.readLine(); // the heading
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] columns = line.strip().split("\\s+", 5); // number, local, remote, state
        if (columns.length < 5 || !columns[3].equals(LISTEN)) {
          break;
        } else if (columns[1].equals(exact)) {
          return rank(true, ownFamily);
        } else if (columns[1].equals(wildcard)) {
          best = rank(false, ownFamily);
        }
      }
    } catch (IOException e) {
      return 0; // no such file, or no descriptor, without which the kernel cannot be asked either
    }
    return best;
  }

  /** An address in the format of the tables: words in the machine's byte order, then the port. */
  private static String place(byte[] ip, int port) {
    HexFormat hex = HexFormat.of().withUpperCase();
    ByteBuffer words = ByteBuffer.wrap(ip).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ip.length; i += WORD_BYTES) {
      text.append(hex.toHexDigits(words.getInt(i)));
    }
    return text.append(':').append(hex.toHexDigits(port, PORT_DIGITS)).toString();
  }

  /** An IPv4 address in its IPv4-mapped form (RFC 4291, 2.5.5.2). */
  private static byte[] mapped(byte[] ip4) {
    return ByteBuffer.allocate(IPV6_BYTES)
        .putShort(IPV6_BYTES - WORD_BYTES - Short.BYTES, (short) -1)
        .put(IPV6_BYTES - WORD_BYTES, ip4)
        .array();
  }
}
