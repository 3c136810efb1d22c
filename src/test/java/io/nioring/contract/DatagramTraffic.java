package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Packets of some senders that tell who sent them and in which order, and those who receive them,
 * each in its own way, until they are closed.
 */
final class DatagramTraffic {
  /** Payload: the sender, its number of the packet, and bytes that follow from both. */
  static final int HEADER_BYTES = 8;

  static final int MOST_BYTES = HEADER_BYTES + 200;

  /** So many packets of a receiver are on their way at most while none may be lost. */
  private static final int WINDOW = 48;

  private static final int SENDERS = 8;

  private DatagramTraffic() {}

  /** Makes the packet with the number. */
  static ByteBuffer packet(int sender, int number, int bytes) {
    byte[] packet = new byte[bytes];
    ByteBuffer.wrap(packet).putInt(sender).putInt(number);
    Arrays.fill(packet, HEADER_BYTES, bytes, filling(sender, number));
    return ByteBuffer.wrap(packet);
  }

  private static byte filling(int sender, int number) {
    return (byte) (sender * 31 + number);
  }

  /** What has come to one channel. One thread receives; others wait. */
  static final class Receiver {
    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final Semaphore room = new Semaphore(WINDOW);

    /** The number of the last packet of each sender; written by the receiving thread. */
    private final int[] last = new int[SENDERS];

    private volatile int received;

    /** Null while packets of all may be received. */
    private volatile Peer peer;

    Receiver(DatagramChannel channel) throws IOException {
      this.channel = channel;
      this.address = (InetSocketAddress) channel.getLocalAddress();
      Arrays.fill(last, -1);
    }

    DatagramChannel channel() {
      return channel;
    }

    InetSocketAddress address() {
      return address;
    }

    /** How many packets have come. */
    int received() {
      return received;
    }

    /** Connects, so that nobody else is heard from then on, or ends that. */
    void connectOrDisconnect(SocketAddress to) throws IOException {
      peer = null;
      if (channel.isConnected()) {
        channel.disconnect();
      } else {
        channel.connect(to);
        peer = new Peer(to);
      }
    }

    /** Waits until a packet more may be on its way. */
    void awaitRoom() throws InterruptedException {
      if (!room.tryAcquire(10, TimeUnit.SECONDS)) {
        throw new AssertionError(this + " got too few packets\n" + Background.dump());
      }
    }

    /** Looks at a packet: whole, in order, and never a second time. */
    private void take(ByteBuffer packet, SocketAddress source) {
      assertThat(source).isNotNull();
      int sender = packet.getInt();
      int number = packet.getInt();
      while (packet.hasRemaining()) {
        ensure(packet.get() == filling(sender, number), "torn", sender, number);
      }
      ensure(number > last[sender], "late or twice", sender, number);
      last[sender] = number;
      int before = received; // one thread counts, others look
      received = before + 1;
      room.release();
    }

    private void ensure(boolean holds, String what, int sender, int number) {
      if (!holds) {
        throw new AssertionError("packet %d of %d: %s, %s".formatted(number, sender, what, this));
      }
    }

    @Override
    public String toString() {
      return "receiver of %d packets at %s, last %s"
          .formatted(received, address, Arrays.toString(last));
    }

    // -- ways to receive

    /** Receives until the channel is closed. */
    String receiveAll() throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
      try {
        while (true) {
          SocketAddress source = channel.receive(buffer.clear());
          take(buffer.flip(), source);
        }
      } catch (ClosedChannelException e) {
        return "closed";
      }
    }

    /** The same by the channel's socket. */
    String receiveAllBySocket() throws IOException {
      DatagramPacket packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
      try {
        while (true) {
          channel.socket().receive(packet);
          take(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), packet.getSocketAddress());
        }
      } catch (SocketException e) {
        assertThat(channel.isOpen()).as("closed: " + e).isFalse();
        return "closed";
      } catch (ClosedChannelException e) {
        return "closed";
      }
    }

    private void receiveAvailable(ByteBuffer buffer) throws IOException {
      while (true) {
        Peer before = peer;
        SocketAddress source = channel.receive(buffer.clear());
        if (source == null) {
          return;
        }
        if (before != null && before == peer) {
          assertThat(source).isEqualTo(before.address());
        }
        take(buffer.flip(), source);
      }
    }
  }

  /** Whom a receiver is connected to; another object each time. */
  private static final class Peer {
    private final SocketAddress address;

    Peer(SocketAddress address) {
      this.address = address;
    }

    SocketAddress address() {
      return address;
    }
  }

  /**
   * Receives whenever a selector says so, until some receivers are closed. The attachments of the
   * keys are receivers.
   */
  static String selectAll(Selector selector, List<Receiver> until) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
    while (until.stream().anyMatch(each -> each.channel().isOpen())) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        try {
          ((Receiver) key.attachment()).receiveAvailable(buffer);
        } catch (ClosedChannelException e) {
          assertThat(key.channel().isOpen()).isFalse();
        }
      }
      selector.selectedKeys().clear();
    }
    return "all closed";
  }
}
