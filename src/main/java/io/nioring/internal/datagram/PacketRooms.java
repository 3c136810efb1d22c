package io.nioring.internal.datagram;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.DatagramPacket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Sets the length of a received {@link DatagramPacket} and leaves its room for the next one.
 *
 * <p>A packet has a room, which its user gives it, and the length of what was received. The JDK's
 * own sockets set the latter alone. From outside of {@code java.net} that can be done only while
 * the package is open to us, as the agent makes it; {@code setLength} shrinks the room too, so that
 * a packet which is used again and again would cut all later data to the shortest length so far.
 * Without the agent the rooms are remembered here: a packet that has the array, the offset and the
 * length that we left it with has its old room. It misreads only a program that sets just that
 * length again, in order to receive less.
 *
 * <p>Thread-safe. The caller holds the packet's monitor, as the JDK's sockets do.
 */
public final class PacketRooms {
  /** What was left behind in a packet, and its room before. */
  private static final class Left {
    private final byte[] array;
    private final int offset;
    private final int length;
    private final int room;

    Left(DatagramPacket packet, int room) {
      this.array = packet.getData();
      this.offset = packet.getOffset();
      this.length = packet.getLength();
      this.room = room;
    }

    boolean isIn(DatagramPacket packet) {
      return packet.getData() == array
          && packet.getOffset() == offset
          && packet.getLength() == length;
    }
  }

  /** The field for the length alone; null if it is not accessible. */
  private final VarHandle received;

  /** The field for the room; null if it is not accessible. */
  private final VarHandle room;

  private final Map<DatagramPacket, Left> shrunk = new WeakHashMap<>();

  /** Looks once whether {@code java.net} is open. */
  public PacketRooms() {
    received = fieldOrNull("length");
    room = received == null ? null : fieldOrNull("bufLength");
  }

  private static VarHandle fieldOrNull(String name) {
    try {
      return MethodHandles.privateLookupIn(DatagramPacket.class, MethodHandles.lookup())
          .findVarHandle(DatagramPacket.class, name, int.class);
    } catch (ReflectiveOperationException e) {
      return null; // the package is not open, or there is no such field in this run time
    }
  }

  /** Whether lengths are set without a trace, so that nothing has to be remembered. */
  public boolean isExact() {
    return room != null;
  }

  /**
   * Puts what was received into a packet, as much as it has room for.
   *
   * @param source the sender
   */
  public void fill(DatagramPacket packet, byte[] bytes, int length, SocketAddress source) {
    int roomBefore = roomOf(packet);
    int count = Math.min(length, roomBefore);
    System.arraycopy(bytes, 0, packet.getData(), packet.getOffset(), count);
    setLength(packet, count, roomBefore);
    packet.setSocketAddress(source);
  }

  private int roomOf(DatagramPacket packet) {
    if (isExact()) {
      return (int) room.get(packet);
    }
    synchronized (shrunk) {
      Left left = shrunk.get(packet);
      return left != null && left.isIn(packet) ? left.room : packet.getLength();
    }
  }

  private void setLength(DatagramPacket packet, int bytes, int roomBefore) {
    if (isExact()) {
      received.set(packet, bytes);
      return;
    }
    packet.setLength(bytes);
    synchronized (shrunk) {
      if (bytes < roomBefore) {
        shrunk.put(packet, new Left(packet, roomBefore));
      } else {
        shrunk.remove(packet);
      }
    }
  }
}
