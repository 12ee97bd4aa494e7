console.log('verified');
