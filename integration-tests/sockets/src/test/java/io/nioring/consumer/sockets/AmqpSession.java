package io.nioring.consumer.sockets;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The server's part of a connection of AMQP 0-9-1. What is published on a channel is delivered to
 * the consumer of that channel, whatever queue it names.
 */
final class AmqpSession {
  private static final int METHOD = 1;
  private static final int HEADER = 2;
  private static final int BODY = 3;
  private static final int END = 0xCE;
  private static final int HEADER_BYTES = 8;
  private static final int FRAME_LIMIT = 131_072;
  private static final byte[] NAME = "consumer".getBytes(US_ASCII);

  // Methods, as class and number.
  private static final int START = 10 << 16 | 10;
  private static final int START_OK = 10 << 16 | 11;
  private static final int TUNE = 10 << 16 | 30;
  private static final int OPEN = 10 << 16 | 40;
  private static final int CLOSE = 10 << 16 | 50;
  private static final int CHANNEL_OPEN = 20 << 16 | 10;
  private static final int CHANNEL_CLOSE = 20 << 16 | 40;
  private static final int DECLARE = 50 << 16 | 10;
  private static final int CONSUME = 60 << 16 | 20;
  private static final int PUBLISH = 60 << 16 | 40;
  private static final int DELIVER = 60 << 16 | 60;

  private final DataInputStream in;
  private final DataOutputStream out;
  private long deliveries;

  AmqpSession(DataInputStream in, DataOutputStream out) {
    this.in = in;
    this.out = out;
  }

  void speak() throws IOException {
    in.readNBytes(HEADER_BYTES); // the protocol's name and version
    send(0, START, start -> start.number(9, 2).table().text("PLAIN", 4).text("en_US", 4));
    int method;
    do {
      if (in.available() == 0) {
        out.flush();
      }
      method = frame();
    } while (method != CLOSE);
    out.flush();
  }

  /** Reads a frame and answers it; returns its method, if it is one. */
  private int frame() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    byte[] payload = in.readNBytes(in.readInt());
    in.readUnsignedByte();
    if (type == METHOD) {
      int method = ByteBuffer.wrap(payload).getInt();
      answer(channel, method);
      return method;
    }
    if (type == HEADER || type == BODY) {
      send(type, channel, payload);
    }
    return 0;
  }

  private void answer(int channel, int method) throws IOException {
    switch (method) {
      case START_OK -> send(0, TUNE, tune -> tune.number(0, 2).number(FRAME_LIMIT, 4).number(0, 2));
      case OPEN -> send(0, OPEN + 1, ok -> ok.number(0, 1));
      case CHANNEL_OPEN -> send(channel, CHANNEL_OPEN + 1, ok -> ok.number(0, 4));
      case DECLARE -> send(channel, DECLARE + 1, ok -> ok.name().number(0, 8));
      case CONSUME -> send(channel, CONSUME + 1, Arguments::name);
      case PUBLISH -> {
        deliveries++;
        send(channel, DELIVER, to -> to.name().number(deliveries, 8).number(0, 2).name());
      }
      case CHANNEL_CLOSE, CLOSE -> send(channel, method + 1, ok -> {});
      default -> {} // needs no answer
    }
  }

  private void send(int channel, int method, Consumer<Arguments> write) throws IOException {
    Arguments arguments = new Arguments().number(method, 4);
    write.accept(arguments);
    send(METHOD, channel, arguments.content.toByteArray());
  }

  private void send(int type, int channel, byte[] payload) throws IOException {
    out.writeByte(type);
    out.writeShort(channel);
    out.writeInt(payload.length);
    out.write(payload);
    out.writeByte(END);
  }

  /** What follows a method's number; big-endian. */
  private static final class Arguments {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Arguments number(long value, int size) {
      for (int i = size - 1; i >= 0; i--) {
        content.write((int) (value >>> 8 * i));
      }
      return this;
    }

    Arguments text(String text, int lengthSize) {
      number(text.length(), lengthSize);
      content.writeBytes(text.getBytes(US_ASCII));
      return this;
    }

    /** The name of everything here: queues and consumers. */
    Arguments name() {
      number(NAME.length, 1);
      content.writeBytes(NAME);
      return this;
    }

    Arguments table() {
      return number(0, 4);
    }
  }
}
