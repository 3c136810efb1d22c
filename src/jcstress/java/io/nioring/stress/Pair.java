package io.nioring.stress;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.MessageTransfer;
import io.nioring.internal.stream.OutgoingMessage;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.socket.ByteSource;
import io.nioring.socket.ByteTarget;
import io.nioring.socket.Right;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.util.List;

/** Two joined endpoints, used as a channel uses them. */
final class Pair {
  static final int BROKEN_PIPE = -3;
  static final int RESET = -2;

  private static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

  final Endpoint first = new Endpoint();
  final Endpoint second = new Endpoint();
  private final MemoryPool pool = new MemoryPool(false);

  Pair() {
    this(UNNAMED, UNNAMED);
  }

  private Pair(SocketAddress client, SocketAddress server) {
    new Wire(pool, 64, Clock.SYSTEM).connect(first, client, server, second, server, 64, 64, 1);
  }

  /** Two ends that behave as those of TCP do. */
  static Pair tcp() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new Pair(new InetSocketAddress(loopback, 1), new InetSocketAddress(loopback, 2));
  }

  /** Writes a byte; 1, or that the pipe is broken. */
  int writeOne(Endpoint end) {
    end.lockWrite();
    try {
      return end.write(ByteBuffer.wrap(new byte[] {1}));
    } catch (IOException e) {
      return BROKEN_PIPE;
    } finally {
      end.unlockWrite(true);
    }
  }

  /** Sends a byte that carries a channel; 1, or that the pipe is broken. */
  int sendOne(Endpoint end, Channel channel) {
    ByteSource bytes = ByteSource.of(ByteBuffer.wrap(new byte[] {1}));
    var message = new OutgoingMessage(bytes, List.of(Right.channel(channel)), null);
    end.lockWrite();
    try {
      return MessageTransfer.send(end, message);
    } catch (IOException e) {
      return BROKEN_PIPE;
    } finally {
      MessageTransfer.end(end, message);
      end.unlockWrite(true);
      message.closeUndeliverable();
    }
  }

  /** Reads a byte; 1, 0 if there is none, -1 at the end, or that the connection was reset. */
  int readOne(Endpoint end) {
    end.lockRead();
    try {
      return end.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      return RESET;
    } finally {
      end.unlockRead();
    }
  }

  /** Receives a byte; how many rights came with it. */
  int receiveRights(Endpoint end) {
    end.lockRead();
    try {
      int count = MessageTransfer.receive(end, ByteTarget.of(ByteBuffer.allocate(1)), false);
      return MessageTransfer.received(end, count, 9).ancillary().rights().size();
    } catch (IOException e) {
      return RESET;
    } finally {
      end.unlockRead();
    }
  }

  void close() {
    first.close(false);
    second.close(false);
  }

  long memoryInUse() {
    return pool.bytesInUse();
  }
}
