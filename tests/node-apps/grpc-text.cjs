'use strict';

// What the gRPC server and its client agree on: one method, texts there and back.
const text = { to: function (value) { return Buffer.from(value); }, from: function (bytes) { return bytes.toString(); } };

module.exports = {
  ask: {
    path: '/test.Voice/Ask',
    requestStream: false,
    responseStream: false,
    requestSerialize: text.to,
    requestDeserialize: text.from,
    responseSerialize: text.to,
    responseDeserialize: text.from,
  },
  watch: {
    path: '/test.Voice/Watch',
    requestStream: false,
    responseStream: true,
    requestSerialize: text.to,
    requestDeserialize: text.from,
    responseSerialize: text.to,
    responseDeserialize: text.from,
  },
};
