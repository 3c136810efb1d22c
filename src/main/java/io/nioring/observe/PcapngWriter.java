package io.nioring.observe;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes the blocks of one pcapng file (draft-ietf-opsawg-pcapng) to a stream.
 *
 * <p>Every block is assembled in a buffer and written as a whole, so that a file that ends early
 * ends between two blocks, unless a stream fails in the middle of one. All numbers are
 * little-endian. Used by one thread at a time; a caller that wants buffered output passes a
 * buffered stream.
 *
 * <pre>
 *   0         4        8                        length-4    length
 *   +---------+--------+-------- ... -----------+-----------+
 *   | type    | length | body, padded to 4 byte | length    |
 *   +---------+--------+-------- ... -----------+-----------+
 * </pre>
 */
final class PcapngWriter implements Closeable {
  /** Packets begin with their IPv4 or IPv6 header. */
  static final int LINKTYPE_RAW = 101;

  /** The block types that are written here. */
  static final int SECTION_HEADER = 0x0A0D0D0A;

  static final int INTERFACE_DESCRIPTION = 1;
  static final int NAME_RESOLUTION = 4;
  static final int INTERFACE_STATISTICS = 5;
  static final int ENHANCED_PACKET = 6;
  static final int DECRYPTION_SECRETS = 10;

  /** The kind of secrets that a TLS key log file holds (SSLKEYLOGFILE). */
  static final int TLS_KEY_LOG = 0x544C534B;

  private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
  private static final int OPT_END = 0;
  private static final int OPT_COMMENT = 1;
  private static final int SHB_USERAPPL = 4;
  private static final int IF_NAME = 2;
  private static final int IF_DESCRIPTION = 3;
  private static final int IF_TSRESOL = 9;
  private static final int EPB_DROPCOUNT = 4;
  private static final int ISB_STARTTIME = 2;
  private static final int ISB_ENDTIME = 3;
  private static final int ISB_IFRECV = 4;
  private static final int ISB_IFDROP = 5;
  private static final int NRB_END = 0;
  private static final int NRB_IPV4 = 1;
  private static final int NRB_IPV6 = 2;
  private static final byte NANOSECONDS = 9;
  private static final int MAX_OPTION_BYTES = 65_535;

  /** So many bytes of names are in one block, about; readers have a bound for a block. */
  private static final int NAMES_BYTES = 1 << 20;

  private static final int INITIAL_BYTES = 1 << 12;

  private final OutputStream out;
  private ByteBuffer block = ByteBuffer.allocate(INITIAL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long bytesWritten;
  private int interfaces;

  PcapngWriter(OutputStream out) {
    this.out = out;
  }

  /** How many bytes of whole blocks have been written. */
  long bytesWritten() {
    return bytesWritten;
  }

  /** Begins the file. */
  void sectionHeader(String application) throws IOException {
    begin(SECTION_HEADER);
    putInt(BYTE_ORDER_MAGIC);
    putShort(1); // version 1.0
    putShort(0);
    putLong(-1); // the section's length is not known in advance
    putText(SHB_USERAPPL, application);
    end(true);
  }

  /**
   * Describes an interface.
   *
   * @param snapBytes the most bytes that are kept of a packet, 0 without a limit
   * @return the number by which packets name it
   */
  int interfaceDescription(String name, String description, int snapBytes) throws IOException {
    begin(INTERFACE_DESCRIPTION);
    putShort(LINKTYPE_RAW);
    putShort(0);
    putInt(snapBytes);
    putText(IF_NAME, name);
    putText(IF_DESCRIPTION, description);
    putOption(IF_TSRESOL, new byte[] {NANOSECONDS});
    end(true);
    return interfaces++;
  }

  /**
   * The name of an address, for a name resolution block.
   *
   * @param address the address
   * @param name its name
   */
  record Name(InetAddress address, String name) {}

  /** Writes the names of addresses; called before the packets that have them. */
  void nameResolution(List<Name> names) throws IOException {
    begin(NAME_RESOLUTION);
    for (Name name : names) {
      if (block.position() > NAMES_BYTES) {
        endNames();
        begin(NAME_RESOLUTION);
      }
      putName(name.address().getAddress(), name.name());
    }
    endNames();
  }

  /** A name ends with a zero, so that one inside it would begin another name. */
  private void putName(byte[] address, String name) {
    byte[] text = Utf8.beginning(name.replace('\0', '@'), MAX_OPTION_BYTES - address.length - 1);
    putShort(address.length == 4 ? NRB_IPV4 : NRB_IPV6);
    putShort(address.length + text.length + 1);
    putBytes(ByteBuffer.wrap(address));
    putBytes(ByteBuffer.wrap(text));
    ensureRoom(1);
    block.put((byte) 0);
    pad();
  }

  private void endNames() throws IOException {
    putShort(NRB_END);
    putShort(0);
    end(false);
  }

  /**
   * Writes a packet.
   *
   * @param interfaceNumber the interface it was seen on
   * @param epochNanos when, in nanoseconds since 1970
   * @param header the first bytes, all that remain
   * @param payload the bytes after them, all that remain
   * @param originalBytes the packet's length before it was cut
   * @param comment a comment on it; null for none
   * @param dropped how many packets were lost since the last one that was written
   */
  void packet(
      int interfaceNumber,
      long epochNanos,
      ByteBuffer header,
      ByteBuffer payload,
      int originalBytes,
      String comment,
      long dropped)
      throws IOException {
    begin(ENHANCED_PACKET);
    putInt(interfaceNumber);
    putInt((int) (epochNanos >>> 32));
    putInt((int) epochNanos);
    putInt(header.remaining() + payload.remaining());
    putInt(originalBytes);
    putBytes(header);
    putBytes(payload);
    pad();
    boolean options = comment != null || dropped > 0;
    if (comment != null) {
      putText(OPT_COMMENT, comment);
    }
    if (dropped > 0) {
      putLongOption(EPB_DROPCOUNT, dropped);
    }
    end(options);
  }

  /**
   * Writes how many packets an interface has received and dropped between two moments, in
   * nanoseconds since 1970.
   */
  void statistics(int interfaceNumber, long startNanos, long endNanos, long received, long dropped)
      throws IOException {
    begin(INTERFACE_STATISTICS);
    putInt(interfaceNumber);
    putInt((int) (endNanos >>> 32));
    putInt((int) endNanos);
    putTime(ISB_STARTTIME, startNanos);
    putTime(ISB_ENDTIME, endNanos);
    putLongOption(ISB_IFRECV, received);
    putLongOption(ISB_IFDROP, dropped);
    end(true);
  }

  /** Embeds secrets that decrypt what the packets after it carry. */
  void decryptionSecrets(int type, byte[] secrets) throws IOException {
    begin(DECRYPTION_SECRETS);
    putInt(type);
    putInt(secrets.length);
    putBytes(ByteBuffer.wrap(secrets));
    pad();
    end(false);
  }

  void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  // -- putting a block together

  private void begin(int type) {
    block.clear();
    block.putInt(type);
    block.putInt(0); // the length, known at the end
  }

  private void end(boolean withOptions) throws IOException {
    if (withOptions) {
      putShort(OPT_END);
      putShort(0);
    }
    int length = block.position() + Integer.BYTES;
    putInt(length);
    block.putInt(Integer.BYTES, length);
    out.write(block.array(), 0, length);
    bytesWritten += length;
  }

  private void putText(int code, String text) {
    putOption(code, Utf8.beginning(text, MAX_OPTION_BYTES));
  }

  private void putOption(int code, byte[] value) {
    putShort(code);
    putShort(value.length);
    putBytes(ByteBuffer.wrap(value));
    pad();
  }

  private void putLongOption(int code, long value) {
    putShort(code);
    putShort(Long.BYTES);
    putLong(value);
  }

  /** A time stamp: its two halves, the upper one first. */
  private void putTime(int code, long epochNanos) {
    putShort(code);
    putShort(Long.BYTES);
    putInt((int) (epochNanos >>> 32));
    putInt((int) epochNanos);
  }

  private void putShort(int value) {
    ensureRoom(Short.BYTES);
    block.putShort((short) value);
  }

  private void putInt(int value) {
    ensureRoom(Integer.BYTES);
    block.putInt(value);
  }

  private void putLong(long value) {
    ensureRoom(Long.BYTES);
    block.putLong(value);
  }

  private void putBytes(ByteBuffer bytes) {
    ensureRoom(bytes.remaining());
    block.put(bytes);
  }

  private void pad() {
    ensureRoom(3);
    while ((block.position() & 3) != 0) {
      block.put((byte) 0);
    }
  }

  private void ensureRoom(int bytes) {
    if (block.remaining() < bytes) {
      int wanted = Math.max(block.capacity() * 2, block.position() + bytes);
      ByteBuffer larger = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
      block = larger.put(block.flip());
    }
  }
}
